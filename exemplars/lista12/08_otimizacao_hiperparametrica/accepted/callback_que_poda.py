# title = "Grade como lista de dicts, callback do Keras que informa e poda, hypermodel.build"
#
# %% [grid]
regressor = KerasRegressor(model=criar_modelo, units=8, learning_rate=0.01, epochs=3, verbose=0)
grid_search = GridSearchCV(
    estimator=regressor,
    param_grid=[{"units": [8], "learning_rate": [0.01]}, {"units": [16, 32, 64], "learning_rate": [0.02]}],
    scoring="neg_mean_squared_error", cv=DIVISAO, n_jobs=1, error_score="raise", return_train_score=True,
)
with medir("GridSearchCV"):
    resultado_da_grade = grid_search.fit(X_busca, y_busca)
# %% [optuna]
def objective(trial):
    model = criar_modelo(trial.suggest_int("units", 10, 80, step=10), trial.suggest_float("learning_rate", 2e-3, 2e-2))

    class Informa(keras.callbacks.Callback):
        podar = False

        def on_epoch_end(self, epoch, logs=None):
            trial.report(logs["val_loss"], epoch)
            if trial.should_prune():
                self.podar = self.model.stop_training = True

    informa = Informa()
    h = model.fit(X_train, y_train, epochs=3, validation_data=(X_valid, y_valid), callbacks=[informa], verbose=0)
    if informa.podar:
        raise optuna.TrialPruned()
    return h.history["val_loss"][-1]


study = optuna.create_study(
    direction="minimize", study_name="casas", sampler=optuna.samplers.TPESampler(seed=3),
    pruner=optuna.pruners.PercentilePruner(50.0, n_startup_trials=2),
)
with medir("Optuna"):
    study.optimize(objective, n_trials=4, gc_after_trial=True)
# %% [best]
mses = resultados["mse_validacao"].drop("XGBoost")
objetos = dict(zip(
    ["GridSearchCV", "RandomizedSearchCV", "Optuna", "GASearchCV"], [grid_search, rnd_search_cv, study, ga_search]))
tuners = {"RandomSearch": tuner_random, "BayesianOptimization": tuner_bayes, "Hyperband": tuner_hyperband}
vencedora = mses.sort_values().index[0]
if vencedora in tuners:
    best_model = tuners[vencedora].hypermodel.build(tuners[vencedora].get_best_hyperparameters(1)[0])
else:
    achados = getattr(objetos[vencedora], "best_params_", None) or study.best_params
    best_model = criar_modelo(**achados)
best_model.fit(X_train, y_train, epochs=25, verbose=0)
