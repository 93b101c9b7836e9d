# title = "Estilo da aula: nomes em inglês, Sequential e add"
#
# %% [tensors]
from tensorflow import keras

A = tf.constant([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
B = tf.cast(tf.transpose(A), dtype=tf.float32)
C = tf.matmul(tf.cast(A, tf.float32), B)
pesos = tf.Variable([[0.], [0.], [0.]])
# %% [formula]
def custo(w, X, y):
    y_pred = tf.matmul(X, w)
    error = y_pred - y
    return tf.reduce_mean(error ** 2)

def gradiente_formula(w, X, y):
    n = X.shape[0]
    error = tf.matmul(X, w) - y
    return 2.0 / n * tf.matmul(X, error, transpose_a=True)
# %% [tape]
def gradientes(model, X, y):
    loss_fn = keras.losses.MeanSquaredError()
    with tf.GradientTape() as tape:
        y_pred = model(X, training=True)
        loss = loss_fn(y, y_pred)
    gradients = tape.gradient(loss, model.trainable_variables)
    return gradients
# %% [descent]
def descida(theta, X_b, y, eta, n_iterations):
    m = len(X_b)
    for iteration in range(n_iterations):
        gradients = 2/m * tf.transpose(X_b) @ (X_b @ theta - y)
        theta = theta - eta * gradients
    return theta
# %% [keras-sgd]
linear = keras.models.Sequential()
linear.add(keras.layers.InputLayer(shape=[3]))
linear.add(keras.layers.Dense(1, kernel_initializer="zeros"))
linear.compile(loss="mean_squared_error", optimizer=keras.optimizers.SGD(0.05))
history = linear.fit(X_dados, y_dados, epochs=10, batch_size=len(X_dados))
# %% [houses]
from sklearn.datasets import fetch_california_housing
from sklearn.preprocessing import StandardScaler

housing = fetch_california_housing()
scaler = StandardScaler()
X_train = np.c_[np.ones(len(housing.data)), scaler.fit_transform(housing.data)].astype("float32")
y_train = housing.target.reshape(-1, 1).astype("float32")
theta = descida(tf.zeros((9, 1)), tf.constant(X_train), tf.constant(y_train), 0.01, 1000)

def prever(X):
    X_b = np.c_[np.ones(len(X)), scaler.transform(X)].astype("float32")
    return X_b @ theta.numpy()
# %% [strategy]
estrategia = tf.distribute.MirroredStrategy(devices=["/CPU:0", "/CPU:1"])
with estrategia.scope():
    distribuido = keras.models.Sequential([
        keras.layers.Dense(30, activation="relu", input_shape=[8]),
        keras.layers.Dense(1)
    ])
    distribuido.compile(loss="mean_squared_error", optimizer="sgd")
