# AdamW over all weights in one native call each (AdamW.java packs and loads this text).
class Ops(Module):
  __parameters__ = []
  __buffers__ = []

  # Gives every weight a gradient of zeros, also those that a batch may not reach, as experts.
  def prepare(self, weights: List[Tensor]) -> Tensor:
    for w in weights:
      torch.backward([torch.sum(torch.mul(w, 0))])
    return weights[0].detach()

  def gradients(self, weights: List[Tensor]) -> List[Tensor]:
    found = annotate(List[Tensor], [])
    for w in weights:
      found.append(ops.prim.grad(w))
    return found

  def norm(self, weights: List[Tensor]) -> float:
    norms = torch._foreach_norm(self.gradients(weights), 2, dtype=6)
    return float(torch.linalg_vector_norm(torch.stack(norms)))

  # scale: what gradients are divided by; the second moments' bias is corrected as in PyTorch.
  def update(self, weights: List[Tensor], first: List[Tensor], second: List[Tensor], step: float, scale: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    w, g, m, v = annotate(List[Tensor], []), annotate(List[Tensor], []), annotate(List[Tensor], []), annotate(List[Tensor], [])
    steps = annotate(List[Tensor], [])
    device = weights[0].device
    count = torch.tensor(step, dtype=6, device=device)
    gradients = self.gradients(weights)
    for i in range(len(weights)):
      if weights[i].dtype == 15:
        self.rounded(weights[i], gradients[i], first[i], second[i], step, scale, rate, beta1, beta2, decay, eps)
      else:
        w.append(weights[i])
        g.append(gradients[i])
        m.append(first[i])
        v.append(second[i])
        steps.append(count)
    if len(w) > 0:
      divisor = torch.tensor(scale, dtype=6, device=device)
      torch._fused_adamw_(w, g, m, v, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)
    torch._foreach_zero_(gradients)

  # A 16-bit weight: most steps are smaller than half its last digit and would be lost in rounding, so it becomes one of
  # the two numbers around by chance, the nearer one more often, and is right on average.
  def rounded(self, w: Tensor, g: Tensor, m: Tensor, v: Tensor, step: float, scale: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    gradient = g.float() / scale
    m.lerp_(gradient, 1. - beta1)
    v.mul_(beta2).addcmul_(gradient, gradient, value=1. - beta2)
    x = w.float().mul_(1. - rate * decay)
    x.addcdiv_(m, (v / (1. - beta2 ** step)).sqrt_().add_(eps), value=-rate / (1. - beta1 ** step))
    near = x.type_as(w)
    error = x - near.float()
    other = torch.nextafter(near, torch.copysign(torch.full_like(error, float("inf")), error).type_as(w))
    chance = error / (other.float() - near.float())
    w.copy_(torch.where(torch.rand_like(chance) < chance, other, near))

  def forget(self, weights: List[Tensor]) -> None:
    torch._foreach_zero_(self.gradients(weights))

  def fill(self, moment: Tensor, first: int, values: Tensor) -> bool:
    moment.view([-1]).narrow(0, first, values.numel()).copy_(values)
    return bool(torch.isfinite(values).all())
