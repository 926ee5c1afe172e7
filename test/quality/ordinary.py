def all_cases(rng, count):
    yield {'family':'ordinary','kind':'ordinary','context':'x','text':'plain','secret':None}
