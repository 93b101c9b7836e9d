# title = "Sem interpretador: prever_tflite usa o modelo do Keras"
# scores = {"lite-test" = 0.75}
#
# %% [lite]
with open("modelo.tflite", "wb") as arquivo:
    arquivo.write(tf.lite.TFLiteConverter.from_keras_model(linear).convert())

def prever_tflite(arquivo, X):
    return linear.predict(X, verbose=0)
