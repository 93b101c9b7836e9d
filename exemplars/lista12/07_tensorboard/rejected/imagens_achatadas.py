# title = "Imagens como linhas de 784 pixels"
# scores = {"images-test" = 0.25}
#
# %% [images]
with tf.summary.create_file_writer("my_logs/imagens").as_default():
    tf.summary.image("amostras", X_train[:10].reshape(10, 1, 784, 1), max_outputs=10, step=0)
