# title = "Convertido antes do treinamento; só a primeira linha é prevista"
# scores = {"lite-test" = 0.125}
#
# %% [lite]
novo = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1, kernel_initializer="ones")])
with open("modelo.tflite", "wb") as arquivo:
    arquivo.write(tf.lite.TFLiteConverter.from_keras_model(novo).convert())

def prever_tflite(arquivo, X):
    interpretador = tf.lite.Interpreter(arquivo)
    interpretador.allocate_tensors()
    interpretador.set_tensor(interpretador.get_input_details()[0]["index"], X[:1])
    interpretador.invoke()
    return interpretador.get_tensor(interpretador.get_output_details()[0]["index"])
