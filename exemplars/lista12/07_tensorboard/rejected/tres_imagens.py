# title = "Esqueceu max_outputs: só três imagens são gravadas"
# scores = {"images-test" = 0.25}
#
# %% [images]
with tf.summary.create_file_writer("my_logs/imagens").as_default():
    tf.summary.image("amostras", X_train[:10].reshape(-1, 28, 28, 1), step=0)
