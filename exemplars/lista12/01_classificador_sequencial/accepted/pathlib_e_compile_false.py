# title = "Caminho com pathlib, recarregado com compile=False e recompilado"
#
# %% [saving]
from pathlib import Path

arquivo = Path.cwd() / "modelo.h5"
model.save(arquivo)
# %% [reload]
loaded_model = keras.models.load_model(arquivo, compile=False)
loaded_model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
