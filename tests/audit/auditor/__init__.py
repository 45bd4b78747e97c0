# SPDX-License-Identifier: Apache-2.0
"""The auditor of built images and sealed machines: ../README.md."""
