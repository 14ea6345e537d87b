namespace GpuStack.Modeling.Fetching;

/// <summary>A write found no room; whoever knows what is still missing makes the sentence.</summary>
internal sealed class DiskFullException(Exception inner) : Exception("The disk is full.", inner);
