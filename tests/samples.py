"""Projects' code that several modules of tests look at."""

FAULTY = """\
import torch


def train(net, loader, criterion):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        criterion(net(x), y).backward()
        optimizer.step()
"""
"""Gradients that are never set to zero."""
