"""What is left of a student's answer for somebody else to judge: values, files and calls, as plain data.

``names`` reads what a test cell needs; ``agent`` runs in the student's kernel and writes values down with
``encode``; ``bundle`` keeps them outside the student's reach; ``inspect`` opens the files that a student saved.
Nothing here is pickled, and nothing that is read here is believed.
"""
