# title = "Caminhos com pathlib, históricos guardados como dict e DataFrame"
#
# %% [train]
import pandas as pd
from pathlib import Path

model = criar_modelo()
history = pd.DataFrame(model.fit(X_train, y_train, epochs=3, batch_size=64, shuffle=False, verbose=0).history)
# %% [save]
keras.models.save_model(model, Path("modelo.h5"))
# %% [straight]
modelo_direto = criar_modelo()
history_direto = modelo_direto.fit(X_train, y_train, epochs=4, batch_size=64, shuffle=False, verbose=0).history
# %% [interrupt]
modelo_parcial = criar_modelo()
modelo_parcial.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False, verbose=0)
modelo_parcial.save(Path.cwd() / "parcial.keras")
# %% [resume]
modelo_retomado = keras.saving.load_model(Path("parcial.keras"))
history_retomado = {"loss": []}
for _ in range(2):
    h = modelo_retomado.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False, verbose=0)
    history_retomado["loss"] += h.history["loss"]
# %% [load-weights]
rede_nova = RedeComAtalho()
rede_nova(X_train)
rede_nova.load_weights(Path("pesos.weights.h5"))
