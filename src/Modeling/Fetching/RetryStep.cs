using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Fetching;

/// <summary>What follows on a failure.</summary>
/// <param name="Action">What is done.</param>
/// <param name="State">The state from then on.</param>
/// <param name="Pause">How long is waited before it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetryStep(RetryAction Action, RetryState State, TimeSpan Pause);
