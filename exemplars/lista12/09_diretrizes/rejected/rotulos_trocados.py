# title = "Tarefa B com os rótulos trocados: 1 para Sandal"
# scores = {"accuracy-test" = 0.5}
#
# %% [tasks]
tarefa_B = (y_train == 5) | (y_train == 6)
X_A, y_A = X_train[~tarefa_B], y_train[~tarefa_B]
y_A = np.where(y_A > 6, y_A - 2, y_A)
X_B, y_B = X_train[tarefa_B][:200], y_train[tarefa_B][:200] == 5
