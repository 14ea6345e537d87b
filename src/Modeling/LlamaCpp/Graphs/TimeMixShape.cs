namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>The ranks of the small matrices of a time mix (RWKV 7); each pair of them stands for a large one.</summary>
/// <param name="Decay">Of the state's decay.</param>
/// <param name="Rate">Of the rate at which the state learns.</param>
/// <param name="Value">Of the first block's share in the values; 0 in that block.</param>
/// <param name="Gate">Of the output's gate; 0 without one.</param>
public sealed record TimeMixShape(int Decay, int Rate, int Value, int Gate);
