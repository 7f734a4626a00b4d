# The hot operations of derta.model, as TorchScript (Ops.java packs and loads this text).
#
# w: the weights of one layer by their Hugging Face names, or "embed", "norm", "head" of the whole model.
# c: what all layers share: "eps", "compute" (a tensor whose type is that of the products), "experts" (how many
#    a token visits), "cos" and "sin" [batch or 1, 1, time, head width], "mask" unless plainly causal.
class Ops(Module):
  __parameters__ = []
  __buffers__ = []

  def norm(self, x: Tensor, weight: Tensor, eps: Tensor) -> Tensor:
    return x * torch.rsqrt(torch.mean(x * x, [-1], True) + eps) * weight

  def linear(self, x: Tensor, w: Dict[str, Tensor], name: str, compute: Tensor) -> Tensor:
    bias: Optional[Tensor] = None
    if name + ".bias" in w:
      bias = w[name + ".bias"].type_as(compute)
    return torch.linear(x.type_as(compute), w[name + ".weight"].type_as(compute), bias)

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.size(-1) // 2
    turned = torch.cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1)
    return x * cos + turned * sin

  def split_heads(self, x: Tensor, width: int) -> Tensor:
    return x.view([x.size(0), x.size(1), -1, width]).transpose(1, 2)  # [batch, heads, time, width]

  def query_key_value(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> List[Tensor]:
    compute = c["compute"]
    if "qkv.weight" in w:
      queries = w["self_attn.o_proj.weight"].size(1)
      keys = (w["qkv.weight"].size(0) - queries) // 2
      return self.linear(x, w, "qkv", compute).split([queries, keys, keys], -1)
    return [self.linear(x, w, "self_attn.q_proj", compute),
            self.linear(x, w, "self_attn.k_proj", compute),
            self.linear(x, w, "self_attn.v_proj", compute)]

  # past: nothing, or this layer's keys and values [batch, key heads, slots, width], written at c["at"].
  def attend(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor], past: List[Tensor]) -> Tensor:
    batch, time, width = x.size(0), x.size(1), c["cos"].size(-1)
    parts = self.query_key_value(x, c, w)
    q = self.rotate(self.split_heads(parts[0], width), c["cos"], c["sin"]).type_as(c["compute"])
    k = self.rotate(self.split_heads(parts[1], width), c["cos"], c["sin"]).type_as(c["compute"])
    v = self.split_heads(parts[2], width)
    if len(past) > 0:
      at = int(c["at"])
      past[0].narrow(2, at, time).copy_(k)
      past[1].narrow(2, at, time).copy_(v)
      k = past[0].narrow(2, 0, at + time)
      v = past[1].narrow(2, 0, at + time)
    mask: Optional[Tensor] = None
    if "mask" in c:
      mask = c["mask"]
    heads, keys, group = q.size(1), k.size(1), q.size(1) // k.size(1)
    if time == 1:
      # The queries that share a key head attend as if they were successive positions.
      y = torch.scaled_dot_product_attention(q.reshape([batch, keys, group, width]), k, v, mask)
      y = y.reshape([batch, 1, heads * width])
    else:
      if group > 1:
        k = k.unsqueeze(2).expand([-1, -1, group, -1, -1]).flatten(1, 2)
        v = v.unsqueeze(2).expand([-1, -1, group, -1, -1]).flatten(1, 2)
      y = torch.scaled_dot_product_attention(q, k, v, mask, 0., mask is None)
      y = y.transpose(1, 2).reshape([batch, time, heads * width])
    return self.linear(y, w, "self_attn.o_proj", c["compute"])

  def feed_forward(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    compute = c["compute"]
    if "gate_up.weight" in w:
      gate, up = self.linear(x, w, "gate_up", compute).chunk(2, -1)
    else:
      gate = self.linear(x, w, "mlp.gate_proj", compute)
      up = self.linear(x, w, "mlp.up_proj", compute)
    return self.linear(torch.silu(gate) * up, w, "mlp.down_proj", compute)

  # Each token goes through its two best experts, weighed by their renormalised probabilities.
  def experts(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    compute = c["compute"]
    tokens = x.flatten(0, 1)  # [tokens, width]
    scores = torch.softmax(self.linear(tokens, w, "block_sparse_moe.gate", compute).float(), -1)
    weight, chosen = torch.topk(scores, int(c["experts"]), -1)  # [tokens, 2]
    weight = weight / weight.sum([-1], True)
    y = torch.zeros_like(tokens)
    for e in range(scores.size(-1)):
      name = "block_sparse_moe.experts." + str(e)
      token, rank = torch.where(chosen == e)
      input = tokens.index_select(0, token)
      inner = torch.silu(self.linear(input, w, name + ".w1", compute)) * self.linear(input, w, name + ".w3", compute)
      output = self.linear(inner, w, name + ".w2", compute) * weight[token, rank].unsqueeze(-1)
      y = y.index_add(0, token, output.type_as(y))
    return y.view_as(x)

  def embed(self, ids: Tensor, weight: Tensor) -> Tensor:
    return torch.embedding(weight, ids).float()  # [batch, time, width]

  def rms_norm(self, x: Tensor, c: Dict[str, Tensor], weight: Tensor) -> Tensor:
    return self.norm(x, weight, c["eps"])

  def attention(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    return self.attend(x, c, w, annotate(List[Tensor], []))

  # places: [batch or 1, slots], the position of the token in each slot, -1 for padding; None: plain causal.
  # A padding token sees itself, so that its row is finite.
  def mask(self, places: Tensor, at: int, time: int, window: int, compute: Tensor) -> Tensor:
    slots = torch.arange(at + time, device=places.device)
    now = slots.narrow(0, at, time).unsqueeze(1)  # [time, 1]
    keys = places.narrow(1, 0, at + time).unsqueeze(1)  # [batch, 1, keys]
    queries = places.narrow(1, at, time).unsqueeze(2)  # [batch, time, 1]
    seen = (slots <= now) & (keys >= 0) & (queries - keys < window) | (slots == now)
    hidden = torch.full_like(seen, -float("inf"), dtype=6).masked_fill(seen, 0.)
    return hidden.type_as(compute).unsqueeze(1)  # [batch, 1, time, keys]

  def window_mask(self, places: Tensor, c: Dict[str, Tensor], window: Tensor) -> Tensor:
    return self.mask(places, 0, places.size(1), int(window), c["compute"])

  def project(self, h: Tensor, head: Tensor, compute: Tensor) -> Tensor:
    return torch.linear(h.type_as(compute), head.type_as(compute)).float()  # [.., vocabulary]

  # at: indices into the flattened [batch x time] positions; labels: the token to predict after each.
  def log_probs(self, x: Tensor, at: Tensor, labels: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    h = self.norm(x.flatten(0, 1).index_select(0, at), norm, c["eps"])
    parts = annotate(List[Tensor], [])
    for start in range(0, labels.size(0), 512):
      z = self.project(h[start:start + 512], head, c["compute"])
      parts.append(z.gather(1, labels[start:start + 512].unsqueeze(1)).squeeze(1) - z.logsumexp([-1]))
    return torch.cat(parts)

  # The same, and the gradients of -sum(scale * log_probs): the gradient of cross entropy is written over
  # the logits, so that nothing else of their size is ever held.
  def learn(self, x: Tensor, at: Tensor, labels: Tensor, scale: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    h = self.norm(x.flatten(0, 1).index_select(0, at), norm, c["eps"])
    h_ = h.detach().type_as(c["compute"])
    head_ = head.detach().type_as(c["compute"])
    logits = torch.linear(h_, head_)  # [labels, vocabulary]
    parts = annotate(List[Tensor], [])
    for start in range(0, labels.size(0), 128):
      rows = logits[start:start + 128]
      label = labels[start:start + 128].unsqueeze(1)
      p = torch.log_softmax(rows.float(), -1)
      parts.append(p.gather(1, label).squeeze(1))
      p.exp_().scatter_add_(1, label, torch.full_like(label, -1).type_as(p))
      rows.copy_(p.mul_(scale[start:start + 128].unsqueeze(1)))
    roots = [h]
    gradients = annotate(List[Optional[Tensor]], [torch.matmul(logits, head_).type_as(h)])
    if head.requires_grad:
      roots.append(head)
      gradients.append(torch.matmul(logits.t(), h_).type_as(head))
    torch.backward(roots, gradients)
    return torch.cat(parts)

  # The probability that one of the tokens comes next, after every position.
  def chance(self, x: Tensor, tokens: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    flat = self.norm(x.flatten(0, 1), norm, c["eps"])
    parts = annotate(List[Tensor], [])
    for start in range(0, flat.size(0), 512):
      z = self.project(flat[start:start + 512], head, c["compute"])
      parts.append(torch.exp(z.index_select(1, tokens).logsumexp([-1]) - z.logsumexp([-1])))
    return torch.cat(parts).view([x.size(0), x.size(1)])

  def logits(self, x: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    return self.project(self.norm(x, norm, c["eps"]), head, c["compute"])

  # Copies values into a weight from a place on, converted to its type.
  def fill(self, weight: Tensor, first: int, values: Tensor) -> Tensor:
    return weight.view([-1]).narrow(0, first, values.numel()).copy_(values)

  def to_bf16(self, x: Tensor) -> Tensor:
    return x.to(15)
