# title = "Rótulos one-hot, entropia cruzada categórica e train_test_split"
#
# %% [data]
from sklearn.model_selection import train_test_split

(X, y), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X = X.astype("float32") / 255
y = keras.utils.to_categorical(y, 10)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=0.1, random_state=42)
# %% [compile]
model.compile("rmsprop", "categorical_crossentropy", metrics=["acc"])
