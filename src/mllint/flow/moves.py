"""Which operations keep the rows of a table, which take some of them, and which keep none.

Data only: names of methods, functions and attributes of pandas, numpy, scipy, torch and their like.
"""

from __future__ import annotations

KEEPING_METHODS = frozenset(
    """
    abs add add_prefix add_suffix apply applymap asfreq assign astype bfill clip compute
    copy cpu cuda cummax cummin cumprod cumsum detach diff div divide  
    eval expand_dims ewm expanding ffill fillna flatten float
    get get_dummies half infer_objects insert interpolate isin isna isnull join lower map mask
    merge mul multiply notna notnull numpy pct_change persist pipe pow rank ravel reindex rename
    rename_axis replace reset_index reshape requires_grad_ rolling round select select_dtypes
    set_axis set_index shift shuffle sort_index sort_values squeeze strip sub subtract swapaxes 
    to to_dense to_frame to_list to_numpy to_pandas toarray tocsr tocsc todense tolist 
    transpose truediv type unsqueeze upper values view where with_columns withColumn xs
      contiguous long int double bool permute batch prefetch cache 
    """.split()
)
"""Methods of tables and arrays whose result has the rows of their object."""

SOME_METHODS = frozenset(
    "dropna drop_duplicates query head tail sample nlargest nsmallest filter sel isel take skip "
    "between_time truncate loc iloc limit distinct unique".split()
)
"""Methods that give some of the rows of their object."""

CLEANING = frozenset({"dropna", "drop_duplicates", "distinct"})
"""Methods that drop rows to clean a table: what is left still stands for the whole."""

LOSING_METHODS = frozenset(
    "mean median mode std var sum min max count nunique quantile describe corr cov agg aggregate any "
    "all argmax argmin idxmax idxmin item value_counts size shape keys info memory_usage skew kurt "
    "kurtosis prod norm plot hist to_csv to_parquet to_pickle".split()
)
"""Methods whose result has no rows of their object."""

APPLYING = frozenset(
    "transform fit_transform inverse_transform predict predict_proba predict_log_proba "
    "decision_function fit_predict score_samples kneighbors ".split()
)
"""Methods of fitted objects whose result has the rows of their first argument."""

FITTING = frozenset({"fit", "fit_transform", "fit_predict", "fit_resample", "fit_sample", "adapt"})
"""Methods that learn from their arguments, forgetting what they learned before."""

KEEPING_FUNCTIONS = frozenset(
    """
    array asarray asanyarray ascontiguousarray DataFrame Series get_dummies log log1p log2 log10 sqrt
    exp expm1 nan_to_num abs absolute power square round around rint clip tensor from_numpy as_tensor
    FloatTensor LongTensor Tensor IntTensor expand_dims reshape squeeze ravel to_categorical normalize
    csr_matrix csc_matrix coo_matrix to_datetime to_numeric cut qcut factorize scale minmax_scale
    maxabs_scale robust_scale quantile_transform power_transform label_binarize binarize pad_sequences
    DMatrix QuantileDMatrix Dataset Pool DataLoader zscore boxcox yeojohnson isnan isnull isna
    float32 float64 int32 int64 argmax sigmoid softmax to_tensor cast convert_to_tensor sin cos tanh
    column_or_1d check_array indexable Categorical
    """.split()
)
"""Functions of libraries whose result has the rows of their first argument."""

JOINING_FUNCTIONS = frozenset(
    "hstack vstack column_stack stack concatenate concat append c_ r_ where TensorDataset "
    "from_tensor_slices zip shuffle merge insert multiply divide add subtract".split()
)
"""Functions whose result has the rows of all their arguments."""

BUILTINS = frozenset({"list", "tuple", "sorted", "reversed", "zip", "enumerate", "set", "iter", "map",
                      "next", "tqdm"}) # fmt: skip
"""Built-in functions whose result has the rows of their arguments."""

ROOTS = frozenset(
    """
    numpy pandas scipy torch tensorflow keras xgboost lightgbm catboost sklearn polars dask cupy cudf
    jax modin
    """.split()
)
"""Libraries of which the functions above are."""

LOSING_FUNCTIONS = frozenset(
    "len mean sum std var median max min average unique bincount percentile quantile corrcoef cov "
    "count_nonzero any all shape ndim size isinstance type str print int float bool id hash "
    "compute_class_weight compute_sample_weight".split()
)
"""Functions whose result has no rows."""

KEEPING_ATTRIBUTES = frozenset(
    "values T iloc loc at iat str dt data target frame to_numpy array real A A1 flat cat".split()
)
LOSING_ATTRIBUTES = frozenset(
    "shape columns size ndim dtypes dtype index feature_names target_names names empty".split()
)

TRAIN_NAMES = frozenset({"train", "training", "trn", "tr", "fit", "learn"})
TEST_NAMES = frozenset({"test", "testing", "tst", "te", "ts", "holdout", "hold"})
VALIDATION_NAMES = frozenset(
    {"val", "valid", "validation", "dev", "eval", "cv", "vld", "va", "calib", "calibration"}
)
