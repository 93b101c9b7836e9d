# title = "history como DataFrame, modelo criado em duas etapas e treinado em duas chamadas de fit"
#
# %% [training]
import pandas as pd

model = WideAndDeepModel(activation="tanh", units=50)
model.compile(optimizer="adam", loss="mse")
model.fit(separar(X_train), y_train, epochs=2, verbose=0)
history = pd.DataFrame(model.fit(separar(X_train), y_train, epochs=5, verbose=0, validation_data=(separar(X_valid), y_valid)).history)
# %% [functional]
entrada = keras.Input((8,))
Z = entrada
for camada in (layers.Dense(16), layers.ReLU(), ResidualBlock(16), layers.Dense(1)):
    Z = camada(Z)
funcional = keras.Model(inputs=entrada, outputs=Z, name="funcional")
