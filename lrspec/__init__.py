"""What lrjax and lrtorch have in common: what they accept, how they check it and how they show it.

The standard library and NumPy, no framework. Both packages build on it, so a rule stands here once and an error reads
the same in both.

======================  ==============================================================================================
``check``               argument checks, and the one form of every error
``patterns``            the language of patterns: which parameter names one covers
``groups``              parameter groups as the user writes them, and values given by group
``optimizer_options``   what each optimizer takes, and the range of every option
``scheduler_arguments`` what each scheduler takes, and its checks
``layer_decay``         layer-wise rate decay by the conventions of four libraries
``discriminative``      rates that grow from group to group
``clipping``            the arguments of gradient clipping
``simulation``          the arguments of ``simulate``
``lr_finder``           the learning rate range test: grids, smoothing, stops and suggestions
``plot``                the drawing of ``plot``
``description``         the table that ``describe`` gives
======================  ==============================================================================================
"""
