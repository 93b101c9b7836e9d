# title = "As conclusões são lidas dos arquivos de eventos"
#
# %% [conclusions]
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

def curva(pasta, tag):
    eventos = EventAccumulator(str(pasta)).Reload()
    return [(e.step, float(tf.make_ndarray(e.tensor_proto))) for e in eventos.Tensors(tag)]

achados = []
for pasta in Path("my_logs").glob("run_*"):
    passo, custo = min(curva(pasta / "validation", "epoch_loss"), key=lambda p: p[1])
    taxa = curva(pasta / "train", "epoch_learning_rate")[0][1]
    gap = curva(pasta / "train", "epoch_accuracy")[-1][1] - curva(pasta / "validation", "epoch_accuracy")[-1][1]
    achados.append({"learning_rate": taxa, "val_loss": custo, "step": passo, "gap": gap})
conclusoes = min(achados, key=lambda a: a["val_loss"])
