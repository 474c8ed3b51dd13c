"""Tests of snapshots, training runs, evaluations and decisions on models."""
