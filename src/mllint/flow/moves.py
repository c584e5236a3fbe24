"""Which operations keep the rows of a table, which take some of them, and which keep none.

Data only: names of methods, functions and attributes of pandas, numpy, scipy, torch and their like.
"""

from __future__ import annotations

KEEPING_METHODS = frozenset({
    "abs", "add", "add_prefix", "add_suffix", "apply", "applymap", "asfreq", "assign", "astype",
    "batch", "bfill", "bool", "cache", "clip", "clone", "compute", "contiguous", "copy", "cpu",
    "cuda", "cummax", "cummin", "cumprod", "cumsum", "detach", "diff", "div", "divide", "double",
    "eval", "ewm", "expand_dims", "expanding", "ffill", "fillna", "flatten", "float", "get",
    "get_dummies", "half", "infer_objects", "insert", "int", "interpolate", "isin", "isna",
    "isnull", "join", "long", "lower", "map", "mask", "merge", "mul", "multiply", "notna",
    "notnull", "numpy", "pct_change", "permute", "persist", "pipe", "pow", "prefetch", "rank",
    "ravel", "reindex", "rename", "rename_axis", "replace", "requires_grad_", "reset_index",
    "reshape", "rolling", "round", "select", "select_dtypes", "set_axis", "set_index", "shift",
    "shuffle", "sort_index", "sort_values", "squeeze", "strip", "sub", "subtract", "swapaxes",
    "to", "to_dense", "to_frame", "to_list", "to_numpy", "to_pandas", "toarray", "tocsc", "tocsr",
    "todense", "tolist", "transpose", "truediv", "type", "unsqueeze", "upper", "values", "view",
    "where", "withColumn", "with_columns", "xs",
})  # fmt: skip
"""Methods of tables and arrays whose result has the rows of their object."""

SOME_METHODS = frozenset({
    "between_time", "distinct", "drop_duplicates", "dropna", "filter", "head", "iloc", "isel",
    "limit", "loc", "nlargest", "nsmallest", "query", "sample", "sel", "skip", "tail", "take",
    "truncate", "unique",
})  # fmt: skip
"""Methods that give some of the rows of their object."""

CLEANING = frozenset({"distinct", "drop_duplicates", "dropna"})
"""Methods that drop rows to clean a table: what is left still stands for the whole."""

LOSING_METHODS = frozenset({
    "agg", "aggregate", "all", "any", "argmax", "argmin", "corr", "count", "cov", "describe",
    "hist", "idxmax", "idxmin", "info", "item", "keys", "kurt", "kurtosis", "max", "mean",
    "median", "memory_usage", "min", "mode", "norm", "nunique", "plot", "prod", "quantile",
    "shape", "size", "skew", "std", "sum", "to_csv", "to_parquet", "to_pickle", "value_counts",
    "var",
})  # fmt: skip
"""Methods whose result has no rows of their object."""

APPLYING = frozenset({
    "decision_function", "fit_predict", "fit_transform", "inverse_transform", "kneighbors",
    "predict", "predict_log_proba", "predict_proba", "score_samples", "texts_to_matrix",
    "texts_to_sequences", "transform",
})  # fmt: skip
"""Methods of fitted objects whose result has the rows of their first argument."""

FITTING = frozenset({
    "adapt", "fit", "fit_on_texts", "fit_predict", "fit_resample", "fit_sample", "fit_transform",
})  # fmt: skip
"""Methods that learn from their arguments, forgetting what they learned before."""

KEEPING_FUNCTIONS = frozenset({
    "Categorical", "DMatrix", "DataFrame", "DataLoader", "Dataset", "FloatTensor", "IntTensor",
    "LongTensor", "Pool", "QuantileDMatrix", "Series", "Tensor", "abs", "absolute", "argmax",
    "around", "array", "as_tensor", "asanyarray", "asarray", "ascontiguousarray", "binarize",
    "boxcox", "cast", "check_array", "clip", "column_or_1d", "convert_to_tensor", "coo_matrix",
    "cos", "csc_matrix", "csr_matrix", "cut", "exp", "expand_dims", "expm1", "factorize",
    "float32", "float64", "from_numpy", "get_dummies", "indexable", "int32", "int64", "isna",
    "isnan", "isnull", "label_binarize", "log", "log10", "log1p", "log2", "maxabs_scale",
    "minmax_scale", "nan_to_num", "normalize", "pad_sequences", "power", "power_transform",
    "qcut", "quantile_transform", "ravel", "reshape", "rint", "robust_scale", "round", "scale",
    "sigmoid", "sin", "softmax", "sqrt", "square", "squeeze", "tanh", "tensor", "to_categorical",
    "to_datetime", "to_numeric", "to_tensor", "yeojohnson", "zscore",
})  # fmt: skip
"""Functions of libraries whose result has the rows of their first argument."""

JOINING_FUNCTIONS = frozenset({
    "TensorDataset", "add", "append", "c_", "column_stack", "concat", "concatenate",
    "concatenate_datasets", "divide", "from_tensor_slices", "hstack", "insert", "merge",
    "multiply", "r_", "shuffle", "stack", "subtract", "vstack", "where", "zip",
})  # fmt: skip
"""Functions whose result has the rows of all their arguments."""

BUILTINS = frozenset({
    "enumerate", "iter", "list", "map", "next", "reversed", "set", "sorted", "tqdm", "tuple",
    "zip",
})  # fmt: skip
"""Built-in functions whose result has the rows of their arguments."""

ROOTS = frozenset({
    "catboost", "cudf", "cupy", "dask", "datasets", "jax", "keras", "lightgbm", "modin", "numpy",
    "pandas", "polars", "scipy", "sklearn", "tensorflow", "torch", "xgboost",
})  # fmt: skip
"""Libraries of which the functions above are."""

LOSING_FUNCTIONS = frozenset({
    "all", "any", "average", "bincount", "bool", "compute_class_weight", "compute_sample_weight",
    "corrcoef", "count_nonzero", "cov", "float", "hash", "id", "int", "isinstance", "len", "max",
    "mean", "median", "min", "ndim", "percentile", "print", "quantile", "shape", "size", "std",
    "str", "sum", "type", "unique", "var",
})  # fmt: skip
"""Functions whose result has no rows."""

KEEPING_ATTRIBUTES = frozenset({
    "A", "A1", "T", "array", "at", "cat", "data", "dt", "flat", "frame", "iat", "iloc", "loc",
    "real", "str", "target", "to_numpy", "values",
})  # fmt: skip

LOSING_ATTRIBUTES = frozenset({
    "columns", "dtype", "dtypes", "empty", "feature_names", "index", "names", "ndim", "shape",
    "size", "target_names",
})  # fmt: skip

TRAIN_NAMES = frozenset({"tr", "train", "training", "trn"})

TEST_NAMES = frozenset({"holdout", "te", "test", "testing", "tst"})

VALIDATION_NAMES = frozenset({
    "calib", "calibration", "cv", "dev", "eval", "va", "val", "valid", "validation", "vld",
})  # fmt: skip
