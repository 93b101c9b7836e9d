# title = "Contas em NumPy; um custo com soma dividida por n"
#
# %% [tensors]
A = tf.Variable(tf.range(12), trainable=False)
A = tf.reshape(A, [3, -1])
B = tf.constant(A.numpy().T.astype(np.float32))
C = tf.tensordot(tf.cast(A, "float32"), B, axes=1)
pesos = tf.Variable(initial_value=tf.zeros([3, 1]), name="pesos")
# %% [formula]
def custo(w, X, y):
    residuo = y.numpy() - X.numpy() @ w.numpy()
    return np.sum(residuo**2) / residuo.size

def gradiente_formula(w, X, y):
    w, X, y = w.numpy(), X.numpy(), y.numpy()
    return -2 * X.T @ (y - X @ w) / len(y)
# %% [tape]
def gradientes(model, X, y):
    with tf.GradientTape(persistent=True) as fita:
        previsto = model(X)
        perdas = [(previsto[i, 0] - y[i, 0]) ** 2 for i in range(len(y))]
        media = tf.add_n(perdas) / len(perdas)
    return [fita.gradient(media, v) for v in model.trainable_variables]
# %% [descent]
def descida(w, X, y, taxa, passos):
    w, X, y = np.asarray(w), np.asarray(X), np.asarray(y)
    k = 0
    while k < passos:
        w = w + taxa * 2 * X.T @ (y - X @ w) / len(y)
        k += 1
    return w
