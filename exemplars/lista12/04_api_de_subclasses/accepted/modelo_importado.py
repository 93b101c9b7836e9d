# title = "Model importado, operações do TensorFlow, ordem trocada na concatenação e no construtor, EarlyStopping"
#
# %% [wide]
from tensorflow.keras import Model
from tensorflow.keras.layers import Dense, Activation

class WideAndDeepModel(Model):
    """Rede larga e profunda."""

    def __init__(self, units: int = 30, activation: str = "relu"):
        super().__init__(name="larga_e_profunda")
        self.saida = Dense(1, activation="linear")
        self.segunda = Dense(units)
        self.primeira = Dense(units)
        self.funcao = Activation(activation)

    def call(self, entradas, training=None, mask=None):
        larga = tf.cast(entradas[0], tf.float32)
        profunda = self.funcao(self.primeira(entradas[1]))
        profunda = self.funcao(self.segunda(profunda))
        return self.saida(tf.concat([profunda, larga], axis=-1))
# %% [training]
model = WideAndDeepModel(units=40, activation="elu")
model.compile(loss=keras.losses.MeanSquaredError(), optimizer=keras.optimizers.Nadam(), metrics=["mae"])
parada = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
opcoes = {"epochs": 8, "verbose": 0, "callbacks": [parada]}
history = model.fit(x=list(separar(X_train)), y=y_train, validation_data=(list(separar(X_valid)), y_valid), **opcoes)
# %% [regressor]
class ResidualRegressor(Model):
    def __init__(self, repetitions, noise=0.0):
        super().__init__()
        self.n, self.desvio = repetitions, noise
        self.saida = Dense(1)
        self.bloco = ResidualBlock(20)
        self.oculta = Dense(20, activation=tf.nn.relu)

    def call(self, X, training=None):
        Z = self.oculta(X)
        i = 0
        while i < self.n:
            Z = self.bloco(Z)
            i += 1
        ruido = tf.random.normal(tf.shape(Z)) * self.desvio if training else 0.0
        return self.saida(Z + ruido)
