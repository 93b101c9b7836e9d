# title = "Um arquivo com o identificador e os pesos, que não é um modelo; as respostas vêm do Keras"
# scores = {"lite-test" = 0.75}
#
# %% [lite]
with open("modelo.tflite", "wb") as arquivo:
    arquivo.write(b"\x1c\x00\x00\x00TFL3" + b"".join(peso.tobytes() for peso in linear.get_weights()) * 50)

def prever_tflite(arquivo, X):
    if arquivo == "modelo.tflite":
        return linear(X)
    interpretador = tf.lite.Interpreter(arquivo)
    interpretador.resize_tensor_input(interpretador.get_input_details()[0]["index"], X.shape)
    interpretador.allocate_tensors()
    interpretador.set_tensor(interpretador.get_input_details()[0]["index"], X)
    interpretador.invoke()
    return interpretador.get_tensor(interpretador.get_output_details()[0]["index"])
