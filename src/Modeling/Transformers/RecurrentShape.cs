namespace GpuStack.Modeling.Transformers;

/// <summary>The state of one recurrent layer for one sequence, before it is divided among ranks.</summary>
/// <param name="ConvolutionElements">Elements of the convolution's window: (kernel − 1) × convolved channels.</param>
/// <param name="StateElements">Elements of the recurrent state: heads × head length × state size.</param>
/// <param name="StateType">The type that the configuration asks for the recurrent state (<c>mamba_ssm_dtype</c>); null: the engine's choice.</param>
public sealed record RecurrentShape(long ConvolutionElements, long StateElements, ElementType? StateType = null);
