"""Code that looks like a fault and is none, and faults in many spellings.

Each rule's own examples are in its file; here all rules on splits look at the same code.
"""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

RULES = {
    name: rule
    for name, rule in CATALOGUE.rules.items()
    if rule.category == "splits" and not rule.opinion and rule.severity["internal"] != "note"
}
HEAD = """
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import *
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
df = pd.read_csv("a.csv")
X, y = df.drop(columns=["y"]), df["y"]
"""

HARMLESS = {
    "numbers-of-numbers": """
order = np.arange(10)
for step in range(3):
    order = order[order]
    keep = order[keep] if step else order
a, b, c, d = train_test_split(X.iloc[order], y.iloc[keep], random_state=1)
print(SVC().fit(a, c).score(b, d))
""",
    "axes-in-a-list": """
Z = (X - X.mean(axis=[0, 1])).drop("k", axis=[1])
a, b, c, d = train_test_split(Z, y, random_state=1)
print(SVC().fit(a, c).score(b, d))
""",
    "flagged-fn": """
def prep(d, scaler=None):
    if scaler is None:
        scaler = StandardScaler()
        out = scaler.fit_transform(d)
    else:
        out = scaler.transform(d)
    return out, scaler
a, b, c, d = train_test_split(X, y, random_state=1)
a, s = prep(a)
b, _ = prep(b, s)
print(SVC().fit(a, c).score(b, d))
""",
    "fit-flag": """
def prep(d, fit=False):
    global enc
    if fit:
        enc = OneHotEncoder().fit(d)
    return enc.transform(d)
a, b, c, d = train_test_split(X, y, random_state=1)
a = prep(a, True)
b = prep(b)
""",
    "subsample": """
Z = StandardScaler().fit_transform(X)
_, small = train_test_split(Z, test_size=0.1, random_state=1)
print(small)
a, b, c, d = train_test_split(X, y, random_state=1)
SVC().fit(a, c).score(b, d)
""",
    "y-only": """
y = OneHotEncoder().fit_transform(y.values.reshape(-1, 1))
a, b, c, d = train_test_split(X, y, random_state=1)
""",
    "y-only-kf": """
y = MinMaxScaler().fit_transform(y.values.reshape(-1, 1))
for tr, te in KFold(3).split(X):
    Ridge().fit(X.iloc[tr], y[tr])
""",
    "const-imputer": """
X = SimpleImputer(strategy="constant", fill_value=0).fit_transform(X)
a, b, c, d = train_test_split(X, y, random_state=1)
""",
    "fixed-cats": """
X = OneHotEncoder(categories=[["a", "b"]]).fit_transform(X)
a, b, c, d = train_test_split(X, y, random_state=1)
""",
    "column-transformer-whole-df": """
p = Pipeline([("c", ColumnTransformer([("n", StandardScaler(), ["a"])])), ("m", SVC())])
tr, te = train_test_split(df, random_state=1)
p.fit(tr, tr["y"])
print(p.score(te, te["y"]))
""",
    "var-list": """
cols = ["a", "b"]
tr, te = train_test_split(df, random_state=1)
m = SVC().fit(tr[cols], tr["y"])
print(m.score(te[cols], te["y"]))
""",
    "kaggle": """
tr = pd.read_csv("train.csv")
te = pd.read_csv("test.csv")
y = tr["t"]
tr = tr.drop("t", axis=1)
n = len(tr)
al = pd.concat([tr, te])
al = pd.get_dummies(al)
tr = al[:n]
te = al[n:]
s = StandardScaler().fit(tr)
m = Ridge().fit(s.transform(tr), y)
print(m.predict(s.transform(te)))
""",
    "oof": """
oof = np.zeros(len(X))
for tr, va in KFold(5).split(X):
    s = StandardScaler()
    xt = s.fit_transform(X.iloc[tr])
    xv = s.transform(X.iloc[va])
    m = LogisticRegression().fit(xt, y.iloc[tr])
    oof[va] = m.predict_proba(xv)[:, 1]
print(roc_auc_score(y, oof))
""",
    "nested": """
a, b, c, d = train_test_split(X, y, random_state=1)
s = StandardScaler()
a = s.fit_transform(a)
a1, a2, c1, c2 = train_test_split(a, c, random_state=1)
m = SVC().fit(a1, c1)
print(m.score(a2, c2))
print(m.score(s.transform(b), d))
""",
    "cv-on-train": """
a, b, c, d = train_test_split(X, y, random_state=1)
s = StandardScaler()
a = s.fit_transform(a)
print(cross_val_score(SVC(), a, c))
m = SVC().fit(a, c)
print(m.score(s.transform(b), d))
""",
    "two-scalers": """
s = StandardScaler()
a, b, c, d = train_test_split(X, y, random_state=1)
a = s.fit_transform(a)
b = s.transform(b)
s = MinMaxScaler()
a = s.fit_transform(a)
b = s.transform(b)
print(SVC().fit(a, c).score(b, d))
""",
    "loop-models": """
a, b, c, d = train_test_split(X, y, random_state=1)
res = {}
for n, m in {"svc": SVC(), "rf": RandomForestClassifier()}.items():
    m.fit(a, c)
    res[n] = accuracy_score(d, m.predict(b))
print(res)
""",
    "train-score-too": """
a, b, c, d = train_test_split(X, y, random_state=1)
m = SVC().fit(a, c)
print(m.score(a, c), m.score(b, d))
""",
    "clusters": """
from sklearn.cluster import KMeans
df["k"] = KMeans(3).fit_predict(df[["q", "r"]])
a, b = train_test_split(df[["x", "y"]], stratify=df["k"], random_state=1)
""",
    "grid-score": """
a, b, c, d = train_test_split(X, y, random_state=1)
g = GridSearchCV(make_pipeline(StandardScaler(), SVC()), {"svc__C": [1]})
g.fit(a, c)
print(g.best_score_, g.score(b, d), roc_auc_score(d, g.predict_proba(b)[:, 1]))
""",
    "regression-preds-roc": """
a, b, c, d = train_test_split(X, y, random_state=1)
print(roc_auc_score(d, Ridge().fit(a, c).predict(b)))
""",
    "pop": """
tr, te = train_test_split(df, random_state=1)
yt = tr.pop("y")
ye = te.pop("y")
print(SVC().fit(tr, yt).score(te, ye))
""",
    "attr-y": """
X = df.loc[:, df.columns != "y"]
a, b, c, d = train_test_split(X, df.y, random_state=1)
print(SVC().fit(a, c).score(b, d))
""",
    "iloc": """
X = df.iloc[:, :-1].values
y = df.iloc[:, -1].values
a, b, c, d = train_test_split(X, y, random_state=1)
print(SVC().fit(a, c).score(b, d))
""",
    "np-seeded": """
np.random.seed(0)
a, b, c, d = train_test_split(X, y)
""",
    "Xtrain-order": """
Xtrain, Xtest, ytrain, ytest = train_test_split(X, y, random_state=1)
""",
    "mirrored": """
X_test, X_train, y_test, y_train = train_test_split(X, y, test_size=0.8, random_state=1)
""",
    "pipeline-in-func": """
def build():
    return Pipeline([("s", StandardScaler()), ("m", LogisticRegression())])
def evaluate(m, X, y):
    return m.score(X, y)
a, b, c, d = train_test_split(X, y, random_state=1)
m = build()
m.fit(a, c)
print(evaluate(m, b, d))
""",
    "tts-stratify-none": """
a, b, c, d = train_test_split(X, y, random_state=1)
m = LogisticRegression().fit(a, c)
p = m.predict_proba(b)
print(roc_auc_score(d, p[:, 1]), log_loss(d, p), confusion_matrix(d, m.predict(b)))
""",
    "ens-preds": """
a, b, c, d = train_test_split(X, y, random_state=1)
m1 = LogisticRegression().fit(a, c)
m2 = SVC(probability=True).fit(a, c)
p = (m1.predict_proba(b)[:, 1] + m2.predict_proba(b)[:, 1]) / 2
print(roc_auc_score(d, p))
""",
    "rounded": """
a, b, c, d = train_test_split(X, y, random_state=1)
m = Ridge().fit(a, c)
p = m.predict(b).round()
print(accuracy_score(d, p), confusion_matrix(y_true=d, y_pred=p))
""",
    "two-step-train-valid-test": """
tr, rest = train_test_split(df, test_size=0.4, random_state=1)
va, te = train_test_split(rest, test_size=0.5, random_state=1)
from xgboost import XGBClassifier
m = XGBClassifier(early_stopping_rounds=5)
m.fit(tr[["a"]], tr["y"], eval_set=[(va[["a"]], va["y"])])
print(m.score(te[["a"]], te["y"]))
""",
    "val-used-only": """
from xgboost import XGBClassifier
a, b, c, d = train_test_split(X, y, random_state=1)
m = XGBClassifier(early_stopping_rounds=5)
m.fit(a, c, eval_set=[(b, d)])
test = pd.read_csv("test.csv")
print(m.predict(test))
""",
    "xval-naming": """
from xgboost import XGBClassifier
X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=1)
m = XGBClassifier(early_stopping_rounds=5)
m.fit(X_train, y_train, eval_set=[(X_val, y_val)])
print(m.score(X_val, y_val))
""",
    "ploted-range": """
a, b, c, d = train_test_split(X, y, random_state=1)
s = []
for C in (1, 2):
    m = SVC(C=C).fit(a, c)
    s.append(m.score(b, d))
print(min(s), max(s))
""",
    "statsmodels": """
import statsmodels.api as sm
r = sm.OLS(y, X).fit()
print(r.summary())
""",
    "train-csv-score": """
tr = pd.read_csv("train.csv")
te = pd.read_csv("test.csv")
m = SVC().fit(tr[["a"]], tr["y"])
print(m.score(tr[["a"]], tr["y"]))
""",
}  # fmt: skip

FAULTS = {
    "iloc-scale": ("fit-before-split", """
X = df.iloc[:, :-1].values
y = df.iloc[:, -1].values
sc = StandardScaler()
X = sc.fit_transform(X)
a, b, c, d = train_test_split(X, y, random_state=1)
print(SVC().fit(a, c).score(b, d))
"""),
    "ct-full": ("fit-before-split", """
ct = ColumnTransformer([("o", OneHotEncoder(), [1])], remainder="passthrough")
X = np.array(ct.fit_transform(X))
a, b, c, d = train_test_split(X, y, random_state=1)
print(SVC().fit(a, c).score(b, d))
"""),
    "imputer-slice": ("fit-before-split", """
X = df.iloc[:, :-1].values
y = df.iloc[:, 3].values
im = SimpleImputer()
im = im.fit(X[:, 1:3])
X[:, 1:3] = im.transform(X[:, 1:3])
a, b, c, d = train_test_split(X, y, random_state=1)
"""),
    "text": ("fit-before-split", """
corpus = []
for t in df["text"]:
    corpus.append(t.lower())
cv = CountVectorizer(max_features=1500)
X = cv.fit_transform(corpus).toarray()
a, b, c, d = train_test_split(X, y, test_size=0.2, random_state=1)
"""),
    "tuple-return": ("fit-before-split", """
def load():
    df = pd.read_csv("x")
    X = df[["a"]]
    y = df["y"]
    X = StandardScaler().fit_transform(X)
    return X, y
def main():
    X, y = load()
    a, b, c, d = train_test_split(X, y, random_state=1)
main()
"""),
    "dict": ("fit-before-split", """
d = {}
d["X"] = StandardScaler().fit_transform(X)
a, b, c, e = train_test_split(d["X"], y, random_state=1)
"""),
    "concat-cols": ("fit-before-split", """
num = StandardScaler().fit_transform(df[["a", "b"]])
cat = OneHotEncoder(sparse_output=False).fit_transform(df[["c"]])
X = np.hstack([num, cat])
a, b, c, d = train_test_split(X, y, random_state=1)
"""),
    "df-from-scaled": ("fit-before-split", """
sc = StandardScaler()
Xs = pd.DataFrame(sc.fit_transform(X), columns=X.columns, index=X.index)
a, b, c, d = train_test_split(Xs, y, random_state=1)
"""),
    "keras-tok": ("fit-before-split", """
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences
t = Tokenizer(num_words=100)
t.fit_on_texts(df["t"].values)
X = t.texts_to_sequences(df["t"].values)
X = pad_sequences(X)
a, b, c, d = train_test_split(X, y, random_state=1)
"""),
    "smote-whole": ("resample-before-split", """
sm = SMOTE()
Xr, yr = sm.fit_resample(X, y)
a, b, c, d = train_test_split(Xr, yr, random_state=1)
"""),
    "test-fit": ("fit-on-test", """
a, b, c, d = train_test_split(X, y, random_state=1)
sc = StandardScaler()
a = sc.fit_transform(a)
b = sc.fit_transform(b)
"""),
    "smote-test": ("fit-on-test", """
a, b, c, d = train_test_split(X, y, random_state=1)
b, d = SMOTE().fit_resample(b, d)
print(SVC().fit(a, c).score(b, d))
"""),
    "noneseed": ("unseeded-split", """
a, b, c, d = train_test_split(X, y)
"""),
    "order": ("split-order-swapped", """
a_train, y_train, a_test, y_test = train_test_split(X, y, random_state=1)
"""),
    "Xtrain-wrong": ("split-order-swapped", """
Xtrain, ytrain, Xtest, ytest = train_test_split(X, y, random_state=1)
"""),
    "lag-target": ("shuffled-time-series", """
df = pd.read_csv("p.csv", parse_dates=["d"])
df["l"] = df.v.shift(1)
a, b = train_test_split(df, random_state=1)
"""),
    "helper-score": ("test-in-selection-loop", """
a, b, c, d = train_test_split(X, y, random_state=1)
best = None
best_acc = 0
for C in (1, 2):
    m = SVC(C=C).fit(a, c)
    acc = accuracy_score(d, m.predict(b))
    if acc > best_acc:
        best_acc = acc
        best = m
"""),
}  # fmt: skip


def reported(code: str) -> set[str]:
    tree = Tree.of({"train.py": HEAD + code})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return {name for name, rule in RULES.items() if any(e.ok is False for e in rule.check(project))}


@pytest.mark.parametrize("case", HARMLESS)
def test_harmless_code_is_not_reported(case: str) -> None:
    assert reported(HARMLESS[case]) == set()


@pytest.mark.parametrize("case", FAULTS)
def test_fault_is_reported_by_its_rule_alone(case: str) -> None:
    rule, code = FAULTS[case]
    assert reported(code) == {rule}


SPLIT = "train, test, a, b = train_test_split(X, y, random_state=1)\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("X = StandardScaler().fit_transform(X)\n" + SPLIT, "rows that are split only later"),
        (
            SPLIT + "scaler = StandardScaler().fit(X)\nSVC().fit(scaler.transform(train), a)\n"
            "print(accuracy_score(b, SVC().fit(train, a).predict(scaler.transform(test))))\n",
            "rows of both sides of a split",
        ),
    ],
)
def test_a_split_above_is_not_said_to_come_later(code: str, said: str) -> None:
    tree = Tree.of({"train.py": HEAD + code})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    (found,) = (e for e in RULES["fit-before-split"].check(project) if e.ok is False)
    assert found.fields["rows"] == said
