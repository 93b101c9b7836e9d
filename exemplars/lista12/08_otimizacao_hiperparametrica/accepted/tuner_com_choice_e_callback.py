# title = "hp.Choice, duas camadas ocultas, EarlyStopping, directory próprio; métrica val_mse como objetivo"
#
# %% [model]
def criar_modelo(units, learning_rate, ativacao="tanh"):
    entrada = keras.Input((8,))
    x = layers.Dense(units, ativacao)(entrada)
    x = layers.Dense(units // 2 + 1)(x)
    x = layers.Activation("elu")(x)
    modelo = keras.Model(entrada, layers.Dense(1)(x))
    modelo.compile(optimizer=keras.optimizers.RMSprop(learning_rate=learning_rate), loss=keras.losses.MeanSquaredError(), metrics=["mse"])
    return modelo
# %% [build]
def build(hp):
    return criar_modelo(hp.Choice("units", [8, 16, 24, 32, 48]), hp.Choice("learning_rate", [1e-3, 3e-3, 5e-3, 1e-2, 2e-2]), hp.Choice("ativacao", ["tanh", "relu"]))
# %% [tuner-bayes]
tuner_bayes = keras_tuner.tuners.BayesianOptimization(
    hypermodel=build, objective=keras_tuner.Objective("val_mse", direction="min"), max_trials=4,
    directory="buscas", project_name="bayes", seed=7,
)
with medir("BayesianOptimization"):
    tuner_bayes.search(x=X_train, y=y_train, epochs=3, validation_data=(X_valid, y_valid),
                       callbacks=[keras.callbacks.EarlyStopping(patience=2)], verbose=0)
# %% [optuna]
def objetivo(trial):
    modelo = criar_modelo(trial.suggest_categorical("units", [8, 16, 32]), trial.suggest_float("learning_rate", 1e-3, 2e-2))
    for epoca in range(3):
        modelo.fit(X_train, y_train, verbose=0)
        mse = modelo.evaluate(X_valid, y_valid, verbose=0)[0]
        trial.report(mse, epoca)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return mse

study = optuna.create_study(direction="minimize", pruner=optuna.pruners.MedianPruner(n_startup_trials=2))
with medir("Optuna"):
    study.optimize(objetivo, 4)
# %% [table]
def menor(tuner):
    return tuner.oracle.get_best_trials(num_trials=1)[0].score

resultados = pd.DataFrame({
    "metodo": ["XGBoost", "Optuna", "GASearchCV", "Hyperband", "BayesianOptimization", "RandomSearch", "RandomizedSearchCV", "GridSearchCV"],
    "tentativas": [1, 4, 6, 6, 4, 4, 4, 4],
    "mse_validacao": [
        np.square(xgb_model.predict(X_valid) - y_valid).mean(), study.best_value, -ga_search.best_score_, menor(tuner_hyperband),
        menor(tuner_bayes), menor(tuner_random), -rnd_search_cv.best_score_, -grid_search.best_score_],
})
resultados["segundos"] = resultados["metodo"].map(segundos)
resultados = resultados.set_index("metodo")
# %% [plot]
import matplotlib.pyplot as plt

plt.figure()
plt.bar(resultados.index, resultados["mse_validacao"])
plt.xticks(rotation=90)
fig = plt.gcf()
