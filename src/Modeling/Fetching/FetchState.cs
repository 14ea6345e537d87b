namespace GpuStack.Modeling.Fetching;

/// <summary>How far a fetch is.</summary>
/// <param name="There">Bytes that are there, of this run or an earlier one.</param>
/// <param name="Total">Bytes of all files.</param>
/// <param name="BytesPerSecond">How fast they came since the state before.</param>
public sealed record FetchState(long There, long Total, double BytesPerSecond);
