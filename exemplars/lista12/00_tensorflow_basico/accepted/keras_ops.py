# title = "keras.ops nas contas; respostas em NumPy e em números de Python"
#
# %% [tensors]
from keras import ops

A = tf.convert_to_tensor(np.arange(12, dtype=np.int32).reshape(3, 4))
B = ops.cast(ops.transpose(A), "float32")
C = ops.matmul(ops.cast(A, "float32"), B)
pesos = tf.Variable(np.zeros((3, 1)), dtype=tf.float32)
# %% [formula]
def custo(w, X, y):
    return float(ops.mean(ops.square(ops.matmul(X, w) - y)))

def gradiente_formula(w, X, y):
    erro = ops.matmul(X, w) - y
    return (2 * ops.mean(X * erro, axis=0)).numpy().reshape(-1, 1)
# %% [tape]
def gradientes(model, X, y):
    with tf.GradientTape() as fita:
        erro = ops.mean(keras.losses.mean_squared_error(y, model(X)))
    return [g.numpy() for g in fita.gradient(erro, model.trainable_weights)]
# %% [descent]
def descida(w, X, y, taxa, passos):
    w, X, y = np.array(w), np.array(X), np.array(y)
    for passo in range(passos):
        w -= taxa * (2 / X.shape[0]) * X.T.dot(X.dot(w) - y)
    return w.tolist()
# %% [houses]
from sklearn.datasets import fetch_california_housing

X_casas, y_casas = fetch_california_housing(return_X_y=True)
mu, sigma = X_casas.mean(0), X_casas.std(0)
pesos_casas = np.array(descida(np.zeros((9, 1)), np.insert((X_casas - mu) / sigma, 0, 1, axis=1), y_casas[:, None], 0.2, 100))

def prever(X):
    return (np.insert((X - mu) / sigma, 0, 1, axis=1) @ pesos_casas)[:, 0]
# %% [devices]
dispositivos = tuple(d.name for d in tf.config.list_logical_devices())

def escolher(nomes):
    gpus = [n for n in nomes if "GPU" in n]
    cpus = [n for n in nomes if ":CPU:" in n]
    return (gpus or cpus)[0]

def produto_em(nome, P, Q):
    with keras.device(nome.replace("/device:", "").strip("/")):
        return tf.linalg.matmul(P, Q)
