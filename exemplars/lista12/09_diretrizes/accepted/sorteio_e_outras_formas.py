# title = "Exemplos sorteados, rótulos em coluna e em laço, nadam, tensores"
#
# %% [few]
indices = np.random.permutation(len(X_train))[:300]
X_few, y_few = X_train[indices], y_train[indices]
big_model = keras.Sequential([keras.Input((28, 28)), layers.Flatten()])
for n in (256, 128, 64):
    big_model.add(layers.Dense(n))
    big_model.add(layers.Activation("relu"))
big_model.add(layers.Dense(10, activation="softmax"))
big_model.compile(optimizer=keras.optimizers.Nadam(), loss=keras.losses.sparse_categorical_crossentropy, metrics=["accuracy"])
# %% [tasks]
antigas = [0, 1, 2, 3, 4, 7, 8, 9]
nova = {antiga: i for i, antiga in enumerate(antigas)}
X_A = np.array([x for x, y in zip(X_train, y_train) if y in nova])
y_A = np.array([nova[y] for y in y_train if y in nova])
sandalias = np.flatnonzero(y_train == 5)[:100]
camisas = np.flatnonzero(y_train == 6)[:100]
X_B = np.concatenate([X_train[sandalias], X_train[camisas]])
y_B = np.concatenate([np.zeros((100, 1)), np.ones((100, 1))])
