# title = "Buscas resumidas em células extras; figura guardada pelo nome do eixo do pandas, em milhares"
#
# %% [plot]
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ordenados = resultados["mse_validacao"].sort_values(ascending=False)
ax.bar(range(len(ordenados)), ordenados.round(3) * 100, color="tab:blue")
ax.set_xticks(range(len(ordenados)), ordenados.index, rotation=60)
ax.set_ylabel("MSE × 100")
ax.axhline(100 * resultados.loc["XGBoost", "mse_validacao"], linestyle=":")
# %% [+after plot]
print(pd.DataFrame(grid_search.cv_results_).head())
print(grid_search.best_estimator_.predict(X_valid[:3]), study.trials_dataframe().shape)
