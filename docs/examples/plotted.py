# %% given
from matplotlib.figure import Figure
# %% right
figure = Figure()
figure.add_subplot().barh(["grade", "aleatória"], [0.50, 0.25])

check.plotted(figure, [0.25, 0.50], title="Os erros da tabela estão no gráfico")
# %% wrong
figure = Figure()
figure.add_subplot().barh(["grade", "aleatória"], [0.50, 0.30])

check.plotted(figure, [0.25, 0.50], title="Os erros da tabela estão no gráfico")
