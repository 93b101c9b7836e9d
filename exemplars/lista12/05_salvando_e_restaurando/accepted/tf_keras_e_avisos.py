# title = "tf.keras, tf.data, avisos, métricas, modelo salvo também em outros formatos"
#
# %% [create]
import tensorflow as tf

def criar_modelo():
    tf.keras.utils.set_random_seed(42)
    m = tf.keras.Sequential([
        tf.keras.layers.InputLayer(shape=(8,)),
        tf.keras.layers.Dense(30, activation=tf.keras.activations.relu),
        tf.keras.layers.Dense(30, activation=tf.keras.activations.relu),
        tf.keras.layers.Dense(units=1)])
    m.compile(loss=tf.keras.losses.MeanSquaredError(), metrics=[tf.keras.metrics.RootMeanSquaredError()],
              optimizer=tf.keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8))
    return m
# %% [train]
lotes = tf.data.Dataset.from_tensor_slices((X_train, y_train)).batch(64)
model = criar_modelo()
history = model.fit(lotes, epochs=3, validation_data=(X_valid, y_valid))
# %% [save]
import warnings
warnings.warn("um aviso qualquer")
model.save("copia.keras")
model.save("modelo.h5")
# %% [inspect]
config_otimizador = dict(loaded_model.optimizer.get_config())
passos = loaded_model.optimizer.iterations.numpy()
# %% [straight]
modelo_direto = criar_modelo()
history_direto = modelo_direto.fit(lotes, epochs=4)
# %% [save-weights]
rede = RedeComAtalho(unidades=20)
rede.compile(optimizer=tf.keras.optimizers.RMSprop(), loss="mse")
rede.fit(lotes, epochs=15)
rede.save_weights("pesos.weights.h5")
# %% [load-weights]
rede_nova = RedeComAtalho(unidades=20)
rede_nova.compile(optimizer="rmsprop", loss="mse")
rede_nova.evaluate(X_valid, y_valid, verbose=0)
rede_nova.load_weights("pesos.weights.h5")
rede_nova.evaluate(X_valid, y_valid)
