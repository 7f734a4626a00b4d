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
    norms = torch._foreach_norm(self.gradients(weights), 2)
    return float(torch.linalg_vector_norm(torch.stack(norms)))

  # scale: what gradients are divided by; the second moments' bias is corrected as in PyTorch.
  def update(self, weights: List[Tensor], first: List[Tensor], second: List[Tensor], step: float, scale: float, rate: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    device = weights[0].device
    steps = annotate(List[Tensor], [])
    count = torch.tensor(step, dtype=6, device=device)
    for w in weights:
      steps.append(count)
    divisor = torch.tensor(scale, dtype=6, device=device)
    gradients = self.gradients(weights)
    torch._fused_adamw_(weights, gradients, first, second, annotate(List[Tensor], []), steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)
    torch._foreach_zero_(gradients)

  def forget(self, weights: List[Tensor]) -> None:
    torch._foreach_zero_(self.gradients(weights))

  def fill(self, moment: Tensor, first: int, values: Tensor) -> Tensor:
    return moment.view([-1]).narrow(0, first, values.numel()).copy_(values)
