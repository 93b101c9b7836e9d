"""Run untrusted code in forks of a warm process, isolated and limited. Knows no grades.

``client`` starts and reaches the zygote; ``provisioner`` makes its forks Jupyter kernels; ``run`` executes a
notebook in one; ``doctor`` says what the host offers.
"""
