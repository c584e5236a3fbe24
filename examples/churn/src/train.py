"""Trains the model and writes it to disk."""

import pickle

import mlflow
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from data import FEATURES, TARGET, load


def main():
    customers = load()
    X_train, X_test, y_train, y_test = train_test_split(
        customers[FEATURES], customers[TARGET], test_size=0.2
    )
    model = RandomForestClassifier(n_estimators=200, random_state=7)
    model.fit(X_train, y_train)

    mlflow.start_run()
    mlflow.log_metric("accuracy", accuracy_score(y_test, model.predict(X_test)))
    with open("model.pkl", "wb") as file:
        pickle.dump(model, file)


if __name__ == "__main__":
    main()
