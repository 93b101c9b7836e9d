# title = "As imagens têm outra tag"
# scores = {"images-test" = 0.0}
#
# %% [images]
with tf.summary.create_file_writer("my_logs/imagens").as_default():
    tf.summary.image("imagens", X_train[:10].reshape(-1, 28, 28, 1), max_outputs=10, step=0)
