namespace GpuStack.Kubernetes.Schemas;

/// <summary>Why a field was refused; the names are the API server's <c>details.causes[].reason</c>.</summary>
public enum FieldErrorReason
{
    /// <summary>The value breaks a rule.</summary>
    FieldValueInvalid,

    /// <summary>The value has another JSON type or string format.</summary>
    FieldValueTypeInvalid,

    /// <summary>The value is missing.</summary>
    FieldValueRequired,

    /// <summary>The value is none of an enumeration.</summary>
    FieldValueNotSupported,

    /// <summary>The value stands twice in a set or a map-like list.</summary>
    FieldValueDuplicate,

    /// <summary>The text is longer than allowed.</summary>
    FieldValueTooLong,

    /// <summary>A list or an object has more entries than allowed.</summary>
    FieldValueTooMany,

    /// <summary>The value may not be set.</summary>
    FieldValueForbidden,
}
