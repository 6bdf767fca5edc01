"""Not a stand-in: only ConveRTFeaturizer imports it, to use it (see tensorflow_absent).

Rasa turns an ImportError into a message without the remedy, so this is no ImportError.
"""

from tensorflow_absent import absent

raise absent(__name__)
