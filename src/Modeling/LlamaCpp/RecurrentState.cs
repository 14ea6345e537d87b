namespace GpuStack.Modeling.LlamaCpp;

/// <summary>The shape of a recurrent layer's state.</summary>
/// <param name="Convolution">Length of the convolution (<c>ssm.conv_kernel</c>).</param>
/// <param name="InnerSize">Inner size (<c>ssm.inner_size</c>).</param>
/// <param name="StateSize">State size (<c>ssm.state_size</c>).</param>
/// <param name="Groups">Groups (<c>ssm.group_count</c>; 0 for Mamba 1).</param>
public sealed record RecurrentState(int Convolution, int InnerSize, int StateSize, int Groups)
{
    /// <summary>Bytes of one layer's state for one sequence (32-bit floats).</summary>
    public long BytesPerSequence =>
        sizeof(float) * (((Convolution - 1L) * (InnerSize + (2L * Groups * StateSize))) + ((long)StateSize * InnerSize));
}
