# title = "Resposta certa, e ao lado arquivos de eventos com lixo e com um registro que diz ter 2**60 bytes"
#
# %% [images]
import struct
from pathlib import Path

with tf.summary.create_file_writer("my_logs/imagens").as_default():
    tf.summary.image("amostras", X_train[:10, :, :, np.newaxis], max_outputs=10, step=0)
for numero, conteudo in enumerate([b"", b"lixo" * 100, struct.pack("<QI", 2**60, 0) + b"x" * 50]):
    Path(f"my_logs/run_1/train/events.out.tfevents.9999.{numero}").write_bytes(conteudo)
