package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each operation of ops.py against the plain formula in NDArray operations. */
class OpsTest {

  private static final float EPSILON = 1e-6f;
  private static final int HEAD_WIDTH = 4;
  private static final int TIME = 5;

  private final Ops ops = new Ops(Device.cpu());
  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private final NDArray x = random(2, TIME, 8);
  private final NDArray angles = random(1, 1, TIME, HEAD_WIDTH / 2);
  private Context context;

  @BeforeEach
  void share() {
    context = new Context(new NDList());
    context.put("compute", Compute.F32.like(manager, ops));
    context.put("eps", manager.create((double) EPSILON));
    context.put("experts", manager.create(2));
    context.put("cos", angles.cos().concat(angles.cos(), -1));
    context.put("sin", angles.sin().concat(angles.sin(), -1));
  }

  @AfterEach
  void close() {
    manager.close();
    ops.close();
  }

  @Test
  void normDividesByTheRootMeanSquare() {
    NDArray weight = random(8);
    assertClose(ops.call("norm", new NDList(x, weight, manager.create(EPSILON))), norm(x, weight));
  }

  @Test
  void attentionIsCausalSoftmaxOfTurnedQueriesAndKeys() {
    NDList w =
        weights("self_attn.", "q_proj", 8, 8, "k_proj", 4, 8, "v_proj", 4, 8, "o_proj", 8, 8);
    NDArray later = manager.arange(TIME).reshape(1, TIME);
    NDArray hidden = later.gt(later.reshape(TIME, 1)).toType(DataType.FLOAT32, false).mul(-1e9f);
    assertClose(ops.call("attention", context.with(x, w)), attention(w, hidden));
  }

  @Test
  void attentionThroughAWindowSeesOnlyTheLastPositions() {
    NDList w =
        weights("self_attn.", "q_proj", 8, 8, "k_proj", 4, 8, "v_proj", 4, 8, "o_proj", 8, 8);
    NDArray places = manager.arange(0, TIME, 1, DataType.INT64).reshape(1, TIME);
    context.put("mask", ops.call("window_mask", context.with(places, manager.create(2L))));
    NDArray age = manager.arange(TIME).reshape(TIME, 1).sub(manager.arange(TIME).reshape(1, TIME));
    NDArray unseen = age.lt(0).logicalOr(age.gte(2));
    NDArray hidden = unseen.toType(DataType.FLOAT32, false).mul(-1e9f);
    assertClose(ops.call("attention", context.with(x, w)), attention(w, hidden));
  }

  @Test
  void biasesAreAdded() {
    NDList w = weights("mlp.", "gate_proj", 6, 8, "up_proj", 6, 8, "down_proj", 8, 6);
    NDArray bias = random(8);
    bias.setName("w.mlp.down_proj.bias");
    NDArray without = ops.call("feed_forward", context.with(x, w));
    w.add(bias);
    assertClose(ops.call("feed_forward", context.with(x, w)), without.add(bias));
  }

  @Test
  void bf16IsTheSameByRoundedNumbers() {
    NDList w =
        weights("self_attn.", "q_proj", 8, 8, "k_proj", 4, 8, "v_proj", 4, 8, "o_proj", 8, 8);
    w.addAll(weights("mlp.", "gate_proj", 6, 8, "up_proj", 6, 8, "down_proj", 8, 6));
    NDArray places = manager.arange(0, TIME, 1, DataType.INT64).reshape(1, TIME);
    for (String method : new String[] {"attention", "feed_forward"}) {
      NDArray[] results = new NDArray[3];
      List<List<String>> names =
          List.of(List.of(), List.of("emulated"), List.of("emulated", "rounded"));
      for (int i = 0; i < 3; i++) {
        NDList factors = i < 2 ? w : rounded(w);
        share();
        context.put("compute", Compute.BF16.like(manager, ops));
        names.get(i).forEach(name -> context.put(name, manager.zeros(new Shape(0))));
        context.put("mask", ops.call("window_mask", context.with(places, manager.create(3L))));
        results[i] = ops.call("to_f32", new NDList(ops.call(method, context.with(x, factors))));
      }
      double largest = results[0].abs().max().getFloat();
      assertThat(results[1].sub(results[0]).abs().max().getFloat())
          .isLessThan((float) (0.01 * largest));
      assertThat(results[2]).isEqualTo(results[1]);
    }
  }

  private NDList rounded(NDList weights) {
    NDList rounded = new NDList();
    for (NDArray weight : weights) {
      NDArray once = ops.call("to_f32", new NDList(ops.call("to_bf16", new NDList(weight.mul(1)))));
      once.setName(weight.getName());
      rounded.add(once);
    }
    return rounded;
  }

  @Test
  void feedForwardIsGated() {
    NDList w = weights("mlp.", "gate_proj", 6, 8, "up_proj", 6, 8, "down_proj", 8, 6);
    NDArray expected = gated(x, w.get(0), w.get(1), w.get(2));
    assertClose(ops.call("feed_forward", context.with(x, w)), expected);
  }

  @Test
  void aTokenVisitsItsTwoBestExperts() {
    NDList w = weights("block_sparse_moe.", "gate", 3, 8);
    for (int e = 0; e < 3; e++) {
      w.addAll(weights("block_sparse_moe.experts." + e + ".", "w1", 6, 8, "w3", 6, 8, "w2", 8, 6));
    }
    NDArray p = product(x, w.get(0)).softmax(-1); // [2, TIME, 3]
    NDArray kept = p.mul(p.gt(p.min(new int[] {-1}, true)).toType(DataType.FLOAT32, false));
    NDArray weight = kept.div(kept.sum(new int[] {-1}, true));
    NDArray expected = x.zerosLike();
    for (int e = 0; e < 3; e++) {
      NDArray output = gated(x, w.get(1 + 3 * e), w.get(2 + 3 * e), w.get(3 + 3 * e));
      expected = expected.add(output.mul(weight.get("..., " + e + ":" + (e + 1))));
    }
    assertClose(ops.call("experts", context.with(x, w)), expected);
  }

  @Test
  void logProbabilitiesAreTheLogSoftmaxAtTheLabels() {
    NDArray norm = random(8);
    NDArray head = random(11, 8);
    NDList arguments = new NDList(x, manager.create(new long[] {1, 7}), labels());
    arguments.addAll(context.shared()).addAll(new NDList(norm, head));
    NDArray all = product(norm(x, norm), head).logSoftmax(-1).reshape(10, 11);
    NDArray expected = NDArrays.stack(new NDList(all.get(1, 4), all.get(7, 0)));
    assertClose(ops.call("log_probs", arguments), expected);
  }

  @Test
  void theChanceOfTokensIsTheSumOfTheirProbabilities() {
    NDArray norm = random(8);
    NDArray head = random(11, 8);
    NDList arguments =
        new NDList(x, labels()).addAll(context.shared()).addAll(new NDList(norm, head));
    NDArray p = product(norm(x, norm), head).softmax(-1);
    NDArray expected = p.get("..., 4").add(p.get("..., 0"));
    assertClose(ops.call("chance", arguments), expected);
  }

  @Test
  void aDrawTakesTheTokenAtWhichTheCumulativeProbabilityPassesIt() {
    float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
    assertThat(choose(logits, 1, 1, 0.05f)).isEqualTo(0);
    assertThat(choose(logits, 1, 1, 0.65f)).isEqualTo(1);
    assertThat(choose(logits, 1, 1, 0.75f)).isEqualTo(2);
    assertThat(choose(logits, 0, 1, 0.99f)).isEqualTo(1);
  }

  @Test
  void aColdDrawIsNearlyGreedy() {
    float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
    assertThat(choose(logits, 0.01, 1, 0.999f)).isEqualTo(1);
  }

  @Test
  void topPDrawsAmongTheFewestTokensThatReachIt() {
    float[] logits = {(float) Math.log(0.1), (float) Math.log(0.6), (float) Math.log(0.3)};
    assertThat(choose(logits, 1, 0.5, 0.99f)).isEqualTo(1);
    assertThat(choose(logits, 1, 0.8, 0.99f)).isEqualTo(2);
    assertThat(choose(logits, 1, 0.8, 0.6f)).isEqualTo(1);
  }

  private long choose(float[] logits, double temperature, double topP, float uniform) {
    try (IValue z = IValue.from((PtNDArray) manager.create(logits, new Shape(1, logits.length)));
        IValue t = IValue.from(temperature);
        IValue p = IValue.from(topP);
        IValue u = IValue.from((PtNDArray) manager.create(new float[] {uniform}));
        IValue token = ops.run("choose", z, t, p, u)) {
      return token.toTensor((PtNDManager) manager).toLongArray()[0];
    }
  }

  private NDArray labels() {
    return manager.create(new long[] {4, 0});
  }

  private NDArray attention(NDList w, NDArray hidden) {
    NDArray q = turned(heads(product(x, w.get(0))));
    NDArray k = turned(heads(product(x, w.get(1)))).repeat(1, 2);
    NDArray v = heads(product(x, w.get(2))).repeat(1, 2);
    NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).div(Math.sqrt(HEAD_WIDTH)).add(hidden);
    NDArray y = scores.softmax(-1).matMul(v); // [2, heads, TIME, HEAD_WIDTH]
    return product(y.transpose(0, 2, 1, 3).reshape(2, TIME, 8), w.get(3));
  }

  private NDArray turned(NDArray heads) {
    NDArray cos = context.shared().get("c.cos");
    NDArray sin = context.shared().get("c.sin");
    NDArray first = heads.get("..., :2");
    NDArray second = heads.get("..., 2:");
    return heads.mul(cos).add(second.neg().concat(first, -1).mul(sin));
  }

  private static NDArray heads(NDArray y) {
    return y.reshape(2, TIME, -1, HEAD_WIDTH).transpose(0, 2, 1, 3);
  }

  private static NDArray gated(NDArray x, NDArray gate, NDArray up, NDArray down) {
    NDArray g = product(x, gate);
    NDArray sigmoid = g.neg().exp().add(1).pow(-1);
    return product(g.mul(sigmoid).mul(product(x, up)), down);
  }

  private static NDArray norm(NDArray x, NDArray weight) {
    return x.div(x.square().mean(new int[] {-1}, true).add(EPSILON).sqrt()).mul(weight);
  }

  private static NDArray product(NDArray x, NDArray weight) {
    return x.matMul(weight.transpose());
  }

  /** Weights named for a dictionary: name, rows, columns, and so on. */
  private NDList weights(String module, Object... namesAndSizes) {
    NDList weights = new NDList();
    for (int i = 0; i < namesAndSizes.length; i += 3) {
      NDArray weight = random((int) namesAndSizes[i + 1], (int) namesAndSizes[i + 2]);
      weight.setName("w." + module + namesAndSizes[i] + ".weight");
      weights.add(weight);
    }
    return weights;
  }

  private NDArray random(long... shape) {
    return manager.randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
  }

  private static void assertClose(NDArray found, NDArray expected) {
    assertThat(found.getShape()).isEqualTo(expected.getShape());
    assertThat(found.sub(expected).abs().max().getFloat()).isLessThan(2e-5f);
  }
}
