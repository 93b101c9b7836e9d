# title = "Instala um pacote, sem rede"
#
# %% [+after importacoes]
%pip install --quiet um-pacote-que-nao-existe-tp555
