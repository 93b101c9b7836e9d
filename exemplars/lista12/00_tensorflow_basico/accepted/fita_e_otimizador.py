# title = "descida com a fita e assign_sub; linear com um laço que chama apply_gradients"
#
# %% [formula]
def custo(w, X, y):
    return tf.reduce_mean(tf.math.squared_difference(tf.linalg.matmul(X, w), y))

def gradiente_formula(w, X, y):
    n = tf.cast(tf.shape(X)[0], X.dtype)
    return tf.matmul(tf.transpose(X), tf.matmul(X, w) - y) * 2 / n
# %% [descent]
def descida(w, X, y, taxa, passos):
    v = tf.Variable(w)
    for _ in range(passos):
        with tf.GradientTape() as fita:
            J = custo(v, X, y)
        v.assign_sub(taxa * fita.gradient(J, v))
    return v
# %% [keras-sgd]
linear = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, kernel_initializer=keras.initializers.Zeros())])
linear.compile(optimizer=keras.optimizers.SGD(learning_rate=0.05), loss=keras.losses.MeanSquaredError())
for epoca in range(10):
    linear.optimizer.apply_gradients(zip(gradientes(linear, X_dados, y_dados), linear.trainable_variables))
