"""Loads and prepares the customers."""

import pandas as pd
from sklearn.preprocessing import StandardScaler

FEATURES = ["minutes", "calls", "complaints", "months"]
TARGET = "left"


def load(path="data/customers.csv"):
    """The customers, with features brought to one scale."""
    customers = pd.read_csv(path).dropna()
    scaler = StandardScaler()
    customers[FEATURES] = scaler.fit_transform(customers[FEATURES])
    return customers
