# title = "TensorFlow Lite a partir de um SavedModel, e uma linha de cada vez"
#
# %% [lite]
from pathlib import Path

linear.export("exportado", verbose=False)
conversor = tf.lite.TFLiteConverter.from_saved_model("exportado")
Path("modelo.tflite").write_bytes(conversor.convert())

def prever_tflite(arquivo, X):
    interpreter = tf.lite.Interpreter(model_content=Path(arquivo).read_bytes())
    interpreter.allocate_tensors()
    input_details = interpreter.get_input_details()
    output_details = interpreter.get_output_details()
    previsoes = []
    for linha in X:
        interpreter.set_tensor(input_details[0]["index"], linha[np.newaxis, :].astype(np.float32))
        interpreter.invoke()
        previsoes.append(interpreter.get_tensor(output_details[0]["index"])[0])
    return previsoes
