"""The class report: what a class did not understand, and which question was bad.

``statistics`` are pure functions of tables; ``page`` says in words what they mean; ``plots`` draws them.
"""
