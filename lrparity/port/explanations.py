"""What each convention is, who has which, and why it matters; the report prints those that occur.

The facts were read in the sources of torch 2.13 and optax 0.2.8.
"""

# convention -> the heading of its explanation
TITLES: dict[str, str] = {
    "rule": "Another algorithm",
    "lr": "The base rate",
    "schedule": "The shape of the schedule",
    "rate_shift": "The schedule one step early or late",
    "warmup_start": "Where the warm-up starts",
    "warmup_length": "How long the warm-up takes",
    "decay_length": "How many steps the decay takes",
    "after_end": "What follows the end of the schedule",
    "floor": "The lowest rate",
    "schedule_unit": "What the schedule counts",
    "float32_schedule": "A schedule computed in float32",
    "betas": "The decay rates of the moments (betas)",
    "momentum": "The momentum",
    "alpha": "The decay rate of RMSprop's second moment (alpha)",
    "rho": "The decay rate of Adadelta's averages (rho)",
    "eps": "The size of eps",
    "eps_place": "Where eps is added",
    "bias_correction": "Bias correction",
    "amsgrad": "AMSGrad's maximum",
    "nesterov": "Nesterov momentum",
    "dampening": "Dampening",
    "first_moment": "The first step of the momentum",
    "centered": "Centered second moment",
    "initial_accumulator": "The first value of the accumulator",
    "rate_inside": "The rate inside or outside the momentum",
    "weight_decay": "The size of the weight decay",
    "decay_form": "The form of the weight decay",
    "decay_mask": "Which parameters decay",
    "clip": "The limit of the clipping",
    "clip_eps": "The eps of the clipping",
    "clip_kind": "What is clipped",
    "clip_order": "When it is clipped",
    "accumulation": "Gradient accumulation",
    "accumulation_mean": "Sum or mean of the accumulated gradients",
    "maximize": "Ascent or descent",
    "averaging": "Averaged parameters",
    "average_decay": "The decay of the average",
    "average_start": "How the average begins",
    "average_when": "When the average is updated",
    "groups": "Parameter groups",
}

# convention -> one paragraph
EXPLANATIONS: dict[str, str] = {
    "rule": (
        "The two programs compute their updates with different algorithms, so no choice of options makes them equal. "
        "A shared name does not settle it: torch's NAdam changes its momentum from step to step (momentum_decay, "
        "0.004 by default), while optax.nadam keeps b1 fixed, and optax.adam has no weight decay where torch's Adam "
        "accepts one. Compare the options only after the algorithm is the same."
    ),
    "lr": (
        "The base rate is what the schedule multiplies. torch fills it in when nobody writes it: 0.001 for Adam, "
        "AdamW, RAdam, SGD and Muon, 0.002 for NAdam and Adamax, 0.01 for RMSprop, Adagrad and Adafactor, 1.0 for "
        "Adadelta. optax.adam, adamw, sgd, rmsprop and adagrad have no default and demand one, so a rate copied from "
        "another program can easily meet a torch default that was never written."
    ),
    "schedule": (
        "The two rate curves have different shapes, and no shift, length or floor turns one into the other. A "
        "frequent reason is a staircase against a smooth curve: torch's StepLR drops the rate every step_size steps, "
        "while optax.exponential_decay lowers it at every update unless staircase=True. The rate scales every update, "
        "so the runs part wherever the curves do."
    ),
    "rate_shift": (
        "The rates are the same numbers, but one program uses each of them an update earlier. In torch the "
        "scheduler's constructor sets the rate of the first update, and scheduler.step() comes after "
        "optimizer.step(); called before it, the first rate is skipped. optax reads its schedule at count 0 for the "
        "first update, while code that evaluates a schedule at step + 1 is one ahead. It matters most in a warm-up, "
        "where neighbouring rates differ most."
    ),
    "warmup_start": (
        "A linear warm-up over n updates starts either at 0 or at 1/n of the full rate. optax's warm-up schedules "
        "start at init_value, commonly 0, and so does Hugging Face's get_linear_schedule_with_warmup, whose first "
        "update then changes nothing. torch's LinearLR cannot start at 0: its start_factor is 1/3 unless written, and "
        "many torch programs write 1/n or (step + 1) / n."
    ),
    "warmup_length": (
        "The full rate is reached at a different update. torch's LinearLR(total_iters=n) and optax's linear_schedule "
        "with n transition steps both reach it at update n, counted from 0, while a rate of (step + 1) / n reaches it "
        "at n - 1. OneCycleLR has its peak at pct_start * total_steps - 1, optax.cosine_onecycle_schedule one update "
        "later. A warm-up of 0 steps is a trap, too: optax.warmup_constant_schedule then stays at init_value for "
        "good."
    ),
    "decay_length": (
        "A decay over n updates divides by n or by n - 1. torch's CosineAnnealingLR and optax.cosine_decay_schedule "
        "divide by n, so the floor belongs to update n, which a run of n updates never makes; torch's OneCycleLR and "
        "many hand-written cosines divide by n - 1 and reach the floor with the last update. In "
        "optax.warmup_cosine_decay_schedule, decay_steps contains the warm-up, while the T_max of a CosineAnnealingLR "
        "behind a LinearLR in SequentialLR does not."
    ),
    "after_end": (
        "The two schedules differ once they have run out. optax.cosine_decay_schedule stays at its floor for ever, "
        "while torch's CosineAnnealingLR follows the cosine and climbs back to the full rate over the next T_max "
        "steps; OneCycleLR raises an error. It matters when the run is longer than the schedule, by a miscount or "
        "because the training was extended."
    ),
    "floor": (
        "The decays end at different rates. torch's eta_min is a rate, the same number for every group; alpha in "
        "optax.cosine_decay_schedule is a fraction of the initial rate, and end_value in "
        "optax.warmup_cosine_decay_schedule is a rate again. With several groups of different rates, eta_min "
        "therefore is another fraction for each of them."
    ),
    "schedule_unit": (
        "The two schedules advance at different moments: once per epoch, per optimizer update or per micro-step of "
        "gradient accumulation. torch counts the calls of scheduler.step(), wherever the loop makes them. optax "
        "counts the updates of the transformation that holds the schedule: inside optax.MultiSteps these are the real "
        "updates, but in a chain with optax.apply_every every micro-step counts."
    ),
    "float32_schedule": (
        "torch computes its rates as Python floats, which are float64, and rounds only when a rate meets the "
        "parameters. optax's schedules compute with jax.numpy, which is float32 unless jax_enable_x64 is set. The "
        "rates then differ in the eighth digit, and by far more where a decay has nearly reached 0: a cosine over "
        "1000 steps is off by about 0.25 percent at its last step. Rates that are off by 2e-6 of the "
        "largest one at most count as equal, with a note."
    ),
    "betas": (
        "The betas say how slowly the averages of the gradient and of its square forget. For Adam, AdamW, RAdam and "
        "NAdam both libraries have 0.9 and 0.999, so a difference was written by somebody, or set by a scheduler: "
        "torch's OneCycleLR cycles beta1 between 0.95 and 0.85 unless cycle_momentum=False. optax.lion has 0.9 and "
        "0.99."
    ),
    "momentum": (
        "The momentum says how much of the last direction is kept. torch.optim.SGD and optax.sgd have none by "
        "default. torch's OneCycleLR and CyclicLR change it from step to step unless cycle_momentum=False, which no "
        "optax schedule does. With momentum m a steady gradient moves the parameters 1 / (1 - m) times as far."
    ),
    "alpha": (
        "RMSprop divides by the root of a running average of squared gradients, and alpha says how slowly it forgets. "
        "torch.optim.RMSprop has alpha=0.99 by default, optax.rmsprop has decay=0.9. The average starts at 0 and is "
        "not bias-corrected in either, so the first update is 10 times the rate in torch and about 3.2 times in "
        "optax."
    ),
    "rho": (
        "Adadelta keeps two running averages, of squared gradients and of squared updates, and rho says how slowly "
        "both forget. torch.optim.Adadelta and optax.adadelta both have 0.9, so a difference was written by somebody. "
        "Both averages start at 0 and set the length of every step, so the runs part at the first update."
    ),
    "eps": (
        "eps keeps the division by a small second moment finite, and so limits the step where gradients are tiny. "
        "Adam has 1e-8 in both libraries, RMSprop too; Adagrad has 1e-10 in torch and 1e-7 in optax, and optax.lamb "
        "has 1e-6. Programs often write another value, such as 1e-5 or 1e-6, which is easily lost in a port."
    ),
    "eps_place": (
        "eps is added outside the root, sqrt(v) + eps, or inside it, sqrt(v + eps). torch adds it outside in Adam, "
        "RMSprop and Adagrad; optax.adam does so, too (its eps_root is a second one, inside), but optax.rmsprop adds "
        "it inside unless eps_in_sqrt=False, and optax.adagrad always does. Inside, 1e-8 has the effect of 1e-4 "
        "outside where v is 0. Some algorithms add it before v is bias-corrected, as torch's RAdam and TensorFlow's "
        "Adam do, which makes it count for more in the first updates."
    ),
    "bias_correction": (
        "Moments that start at 0 are too small at first; bias correction divides them by 1 - beta^t. Adam does it in "
        "torch and in optax. torch's RMSprop never does, and optax.rmsprop only with bias_correction=True. Without it "
        "the first updates have another size by a large factor, until about 1 / (1 - beta) updates have passed."
    ),
    "amsgrad": (
        "AMSGrad divides by the largest second moment so far instead of the current one. torch's Adam(amsgrad=True) "
        "takes the maximum first and bias-corrects it afterwards; optax.amsgrad corrects first and then takes the "
        "maximum, or does not correct at all with bias_correction_nu=False. The two agree only while the newest value "
        "is the largest, so no option of optax.amsgrad reproduces torch."
    ),
    "nesterov": (
        "Nesterov momentum steps along the gradient plus the momentum that this gradient has already entered. "
        "torch.optim.SGD(nesterov=True) and optax.sgd(nesterov=True) compute the same, and both are off by default. "
        "torch's Adam has no such option; optax.adam(nesterov=True) is optax.nadam, which differs from torch's NAdam."
    ),
    "dampening": (
        "With dampening d a new gradient enters the momentum with the factor 1 - d. torch.optim.SGD has it as an "
        "option, 0 by default; optax.sgd does not, and its nearest relative is optax.ema, where a new gradient enters "
        "with 1 - decay. At the same rate a dampened momentum takes steps that are shorter by about the factor 1 - d."
    ),
    "first_moment": (
        "The momentum either starts as the first gradient or as 0 with that gradient added like any other. "
        "torch.optim.SGD copies the first gradient undampened; averages that start at 0, as in Adam or "
        "optax.ema(debias=False), take only the share 1 - decay of it. The two are equal without dampening, and "
        "otherwise part at the first update."
    ),
    "centered": (
        "Centered RMSprop divides by an estimate of the gradient's standard deviation: it subtracts the square of the "
        "average gradient from the average square. Both torch.optim.RMSprop and optax.rmsprop have it as "
        "centered=True, off by default. Where gradients hardly change, the centered form takes much larger steps."
    ),
    "initial_accumulator": (
        "Adagrad adds up squared gradients, and the sum has to start somewhere: torch.optim.Adagrad starts at 0, "
        "optax.adagrad at 0.1 (initial_accumulator_value in both). With gradients well below 0.3 the 0.1 outweighs "
        "them, so that optax's first steps are far shorter, and the difference stays for much of the run."
    ),
    "rate_inside": (
        "The rate scales either what leaves the momentum or what enters it. torch scales what leaves it, in SGD and "
        "in RMSprop; optax.sgd does the same, but optax.rmsprop with momentum and optax.lars put the rate before the "
        "momentum. Both are equal while the rate is constant. After it changes, a rate inside lives on in the "
        "momentum for about 1 / (1 - momentum) updates."
    ),
    "weight_decay": (
        "Weight decay pulls the parameters towards 0. torch.optim.AdamW decays with 0.01 when nobody writes a value, "
        "optax.adamw with 0.0001, a hundredth of it; torch's Muon has 0.1, optax.contrib.muon 0. torch's Adam and SGD "
        "have 0. The effect adds up over a run, so it shows late in the loss and early in the parameters."
    ),
    "decay_form": (
        "L2 decay adds weight_decay * p to the gradient, so that moments and denominators see it: torch's Adam, SGD "
        "and RMSprop do so. Decoupled decay leaves the gradient alone and shrinks the parameter by lr * weight_decay: "
        "torch's and optax's AdamW. A third form shrinks it by weight_decay alone, whatever the rate, as when "
        "optax.add_decayed_weights stands behind the rate in a chain. For plain SGD the first two coincide; for Adam "
        "they are different algorithms."
    ),
    "decay_mask": (
        "The programs let different parameters decay. Both libraries decay everything they are given, biases and "
        "normalization weights included. torch programs exempt those by a group with weight_decay=0, optax programs "
        "by a mask that is True where the decay applies. An inverted or forgotten mask leaves the loss plausible for "
        "a long time."
    ),
    "clip": (
        "The gradients are clipped at different limits, or in one program only. torch clips in the training loop, by "
        "clip_grad_norm_ between backward and step; optax clips as a link of the chain. A missing clip is easy to "
        "overlook, because it changes only the updates whose gradient exceeds the limit."
    ),
    "clip_eps": (
        "torch's clip_grad_norm_ multiplies by max_norm / (norm + 1e-6), at most 1; optax.clip_by_global_norm "
        "multiplies by max_norm / norm where the norm reaches the limit. Clipped gradients therefore differ by the "
        "relative amount 1e-6 / norm: nothing much at a norm of 1, one part in ten thousand at 0.01."
    ),
    "clip_kind": (
        "Clipping limits the norm of all gradients together, of each tensor, or each value by itself. torch has "
        "clip_grad_norm_ and clip_grad_value_; in optax clip_by_global_norm is the first, clip_by_block_rms limits "
        "the root mean square of each tensor, and plain optax.clip limits each value. Inside optax.partition or "
        "optax.masked, clip_by_global_norm sees only the parameters of its own group, so its norm is smaller. In front "
        "of them it also counts gradients of what is frozen later on, where torch has none after requires_grad_(False)."
    ),
    "clip_order": (
        "The clipping stands at different places. torch clips the gradients before the optimizer and its weight "
        "decay, commonly after accumulation. In an optax chain it clips whatever reaches it: after scale_by_adam it "
        "clips the update, after add_decayed_weights also the decay, and in front of optax.MultiSteps each "
        "micro-step's gradient instead of their mean."
    ),
    "accumulation": (
        "The programs gather a different number of gradients for one update, or gather different things. In torch, "
        "backward adds to the gradient until zero_grad, and the optimizer steps every k-th time. optax.MultiSteps "
        "does this, too. optax.apply_every does not: it adds up finished updates, and the moments before it move at "
        "every micro-step."
    ),
    "accumulation_mean": (
        "The gathered gradients are summed or averaged. torch's backward sums, so programs divide the loss by k when "
        "they want the mean; optax.MultiSteps averages unless use_grad_mean=False, and optax.apply_every sums. SGD's "
        "steps differ by the factor k. Adam nearly hides it, because it divides by the size of the gradient, but eps, "
        "L2 decay and clipping see it."
    ),
    "maximize": (
        "One program goes down the gradient and the other goes up. torch's optimizers have the option maximize, off by "
        "default, which negates the gradient first. optax goes down because scale_by_learning_rate negates the update "
        "unless flip_sign=False; a chain that ends in a positive optax.scale goes up."
    ),
    "averaging": (
        "The programs keep different averages of the parameters. torch's AveragedModel copies the parameters at its "
        "first update and then takes the equal mean of all, unless avg_fn or multi_avg_fn says otherwise "
        "(get_ema_multi_avg_fn has a decay of 0.999). JAX programs mostly use optax.incremental_update, whose "
        "step_size is 1 - decay; optax.ema averages updates, not parameters. The training is the same, but what is "
        "evaluated is not."
    ),
    "average_decay": (
        "An average of the weights keeps the share decay of itself and takes the rest from the new parameters. torch's "
        "get_ema_multi_avg_fn takes the decay, 0.999 by default; optax.incremental_update takes step_size, which is "
        "1 - decay. timm and diffusers let the decay grow over the first updates. A decay of 0.9999 looks back over "
        "ten thousand updates, one of 0.999 over a thousand."
    ),
    "average_start": (
        "torch's AveragedModel copies the parameters at its first update, so the start of the training is never in the "
        "average. A JAX loop that begins with the initial parameters keeps the share decay ** t of them: 37 % after a "
        "thousand updates with 0.999. optax.ema begins with zeros and, unless debias=False, divides by the sum of its "
        "weights. After many times 1 / (1 - decay) updates all of them agree."
    ),
    "average_when": (
        "The average is updated after every update of the optimizer, or every few, or only from some update on. With "
        "the same decay, an average that is updated every ten updates looks back ten times as far."
    ),
    "groups": (
        "The parameters are divided differently, so some have the options of another group. torch has param_groups, "
        "and what is in none of them is not trained. optax.partition raises an error for a label without a "
        "transformation, but optax.masked hands the gradients of all other parameters on unchanged, and apply_updates "
        "then adds these raw gradients to the parameters."
    ),
}
