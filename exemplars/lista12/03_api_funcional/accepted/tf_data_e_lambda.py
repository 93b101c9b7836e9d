# title = "tf.data, uma camada Lambda, que o Keras não sabe descrever, e uma camada própria"
#
# %% [architecture]
import tensorflow as tf

class Dobro(tf.keras.layers.Layer):
    def call(self, x):
        return 2.0 * x

input_A = tf.keras.layers.Input(shape=(5,))
input_B = tf.keras.layers.Input(shape=(6,))
z = tf.keras.layers.Lambda(lambda x: x / 2.0)(input_B)
z = tf.keras.layers.Dense(30, activation=tf.nn.relu)(Dobro()(z))
z = tf.keras.layers.Dense(30, activation=tf.nn.relu)(z)
main_output = tf.keras.layers.Dense(1, name="main_output")(tf.keras.layers.concatenate([input_A, z]))
aux_output = tf.keras.layers.Dense(1, name="aux_output")(z)
model = tf.keras.Model(inputs=[input_A, input_B], outputs=[main_output, aux_output])
# %% [training]
def conjunto(A, B, y):
    return tf.data.Dataset.from_tensor_slices(((A, B), (y, y)))

treino = conjunto(X_train_A, X_train_B, y_train).shuffle(20000).batch(32)
history = model.fit(treino, epochs=6, validation_data=conjunto(X_valid_A, X_valid_B, y_valid).batch(256), verbose=0)
# %% [shared]
camada = tf.keras.layers.Dense(30, activation=tf.nn.relu)
um, outro = tf.keras.Input((8,)), tf.keras.Input((8,))
meio = tf.keras.layers.Lambda(lambda x: x)
shared_model = tf.keras.Model([um, outro], tf.keras.layers.Dense(1)(tf.keras.layers.concatenate([camada(meio(um)), camada(meio(outro))])))
