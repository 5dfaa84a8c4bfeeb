"""Putting a student's package in the place of an installed one, and back.

Each file is one side of it: what a project must be (`project`), what an environment must be
(`environment`), who depends on the module (`dependants`), building (`build`) and trying the wheel
(`overlay`), what is installed now (`installation`), what is kept of it (`keep`), the files of the
new package as an installer writes them (`layout`), and the exchange itself, which a kill at any
moment leaves as the old or the new (`exchange`).
"""
