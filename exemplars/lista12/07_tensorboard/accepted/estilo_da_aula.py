# title = "Estilo da aula: get_run_logdir com data e hora, rede própria com add()"
#
# %% [run-1]
import os
import time
from tensorflow import keras

root_logdir = os.path.join(os.curdir, "my_logs")

def get_run_logdir(name):
    return os.path.join(root_logdir, time.strftime("run_%Y_%m_%d-%H_%M_%S_") + name)

model_1 = keras.models.Sequential()
model_1.add(keras.layers.Flatten(input_shape=[28, 28]))
model_1.add(keras.layers.Dense(30, activation="relu"))
model_1.add(keras.layers.Dense(30, activation="relu"))
model_1.add(keras.layers.Dense(10, activation="softmax"))
model_1.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.002), metrics=["accuracy"])
run_logdir = get_run_logdir("lento")
tensorboard_cb = keras.callbacks.TensorBoard(run_logdir, histogram_freq=1)
history_1 = model_1.fit(X_train, y_train, epochs=6, validation_data=(X_valid, y_valid), callbacks=[tensorboard_cb])
# %% [run-2]
model_2 = keras.models.Sequential()
model_2.add(keras.layers.Flatten(input_shape=[28, 28]))
model_2.add(keras.layers.Dense(30, activation="relu"))
model_2.add(keras.layers.Dense(30, activation="relu"))
model_2.add(keras.layers.Dense(10, activation="softmax"))
model_2.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(learning_rate=0.05), metrics=["accuracy"])
run_logdir2 = get_run_logdir("rapido")
tensorboard_cb = keras.callbacks.TensorBoard(run_logdir2, histogram_freq=1)
history_2 = model_2.fit(X_train, y_train, epochs=6, validation_data=(X_valid, y_valid), callbacks=[tensorboard_cb])
# %% [images]
test_logdir = get_run_logdir("imagens")
writer = tf.summary.create_file_writer(test_logdir)
with writer.as_default():
    images = X_train[:25].reshape(-1, 28, 28, 1)
    for step in range(1, 4):
        tf.summary.image("amostras", images, max_outputs=25, step=step)
