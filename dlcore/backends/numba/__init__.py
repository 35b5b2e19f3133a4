"""The machine room: how Numba compiles the kernels of ``cpu``, and what of its insides is used.

To read: ``compile`` has the two decorators that the kernels bear; ``cache`` keeps what is compiled
on disk; ``included`` makes no machine code of what kernels include; ``outline`` has kernels call a
large part instead of each including it; ``sharing`` has threads share out a loop, ``pool`` is
those threads, and ``threads`` chooses between a kernel's form for one thread and that for several;
``gemm`` has kernels call the matrix products of BLAS, and ``blas`` keeps those to one thread while
the threads work; ``registers`` has kernels keep numbers in the processor's registers; ``workers``
has several processes compile.

Beside ``njit``, ``prange`` and ``get_num_threads`` this room uses what Numba promises nobody. All
of it is there, and does what is said here, in 0.61.0 and in 0.68.1: the tests run with both, and
the project allows no Numba beyond. Where one is gone, a test of ``tests/backends/numba``
fails that names it; what a user would see is said with each.

In ``compile``:

- ``Dispatcher._cache``, an object with ``cache_path``, ``load_overload``, ``save_overload`` and
  ``flush``: ours in the place of Numba's own. Without it each process compiles anew.
- ``Dispatcher._compile_for_args``, called where no compiled form fits the arguments: so that Ctrl-C
  waits for its end. Without it `cpu` cannot be imported, and NumPy serves with a warning.
- ``njit(no_cfunc_wrapper=True)`` and ``njit(no_cpython_wrapper=True)``: no machine code to call a
  form from where nobody does. Without them the same.
- ``Dispatcher.get_call_template`` and ``Dispatcher.get_overload``: what compiled code calls where a
  function calls another, here a form that Python cannot. Without them all have both, and compiling
  takes longer.
- ``njit(pipeline_class=...)`` and ``njit(forceinline=True)``: Numba's compiler without its last
  steps, and that a function is included (``included``). Without them `cpu` cannot be imported.
- ``Dispatcher.compile``, ``Dispatcher.overloads`` and ``Dispatcher.targetctx``: a form compiled or
  looked for before it is called. Without them a first step raises an AttributeError.

In ``cache``:

- ``numba.core.compiler.CompileResult._rebuild`` and ``_reduce``: a compiled form as objects that
  can be pickled, and back. Without them each process compiles anew.
- ``numba.core.serialize.dumps``: pickles them, functions included. Without it `cpu` cannot be
  imported.
- ``numba.core.runtime.rtsys.initialize``: the little that compiled code needs to run, where
  ``target_context.refresh()`` would ready all that Numba can compile. Without it the same.
- ``CompileResult.library.has_dynamic_globals``, ``CompileResult.lifted``: whether a form is bound
  to its process. Without them a kernel raises an AttributeError when it is first compiled.
- ``target_context.codegen().magic_tuple()``, ``CompileResult.codegen``: the processor that a form
  is good for. Without them the same.

In ``included``:

- ``codegen.JITCodeLibrary``, its ``codegen``, ``_optimize_final_module``,
  ``_finalize_dynamic_globals``, ``_finalize_final_module``, ``_finalized``, ``_final_module``,
  ``_shared_module``, ``_ensure_finalized``, ``_get_module_for_linking`` and
  ``serialize_using_object_code``: the code of LLVM, as others include it, and its way to the disk.
  Without them no kernel that includes a function can be compiled.
- ``compiler.Compiler`` and what it is made with; ``compiler.compile_result`` and
  ``target_context.get_executable``: a form put together from what was stored. Without them all the
  same.

In ``outline``, where kernels call a function by its name in machine code:

- ``numba.extending.type_callable`` and ``lower_builtin``, ``numba.types`` and
  ``numba.core.typing.signature``: which are public, to say what a call gives and how it is made.
- ``numba.core.cgutils`` (``get_or_insert_function``, ``if_unlikely``) and ``context.call_conv``
  (``get_function_type``, ``call_function``, ``return_status_propagate``): the call itself, and its
  error handed on. ``context.make_array`` with ``meminfo``, ``parent`` and ``_getvalue``,
  ``context.make_tuple`` and ``cgutils.unpack_tuple``: its arrays lent. Without them no kernel with
  a shared part can be compiled.
- ``Dispatcher.overloads``, ``CompileResult.signature``, ``CompileResult.fndesc.llvm_func_name``,
  ``CompileResult.library.get_pointer_to_function`` and ``llvmlite.binding.add_symbol``: where the
  function lies, told to whatever is linked later. Without them the same.

In ``sharing``, where a kernel calls the threads:

- ``numba.extending`` (``type_callable``, ``lower_builtin``), ``numba.types``,
  ``numba.core.typing.signature``, ``numba.core.cgutils`` and ``llvmlite.ir``: to write it. Without
  them no kernel for several threads can be compiled.
- ``Dispatcher.overloads``, ``CompileResult.library`` and ``fndesc``, ``context.declare_function``,
  ``context.active_code_library``, ``context.get_python_api`` and ``context.call_conv``
  (``call_function``, ``return_status_propagate``; ``callconv.excinfo_ptr_t``, the type of what an
  error came from): the body of a loop included and called, its error handed on. Without them the
  same.

In ``gemm``, where kernels call the matrix products of NumPy's own BLAS:

- ``numba.extending.intrinsic`` and ``get_cython_function_address``, which are public;
  ``numba.types``, ``numba.core.cgutils`` (``alloca_once_value``, ``get_or_insert_function``,
  ``unpack_tuple``) and ``context.make_array``, to write the call; and
  ``llvmlite.binding.add_symbol``, to say where it goes. Without them `cpu` cannot be imported.

In ``registers``, the types of a tile and of a vector of numbers:

- ``numba.extending`` (``intrinsic``, ``lower_builtin``, ``models``, ``register_model``,
  ``type_callable``), which is public;
  ``numba.types``, ``numba.core.typing.signature``, ``numba.core.cgutils`` and
  ``context.make_array``, ``llvmlite.ir``: to write what is done with them;
  ``llvmlite.binding.get_host_cpu_features``, ``numba.config.CPU_NAME`` and ``CPU_FEATURES``, to
  know how large a tile may be. Without them `cpu` cannot be imported.

In ``pool``: ``llvmlite.binding`` makes machine code of what the threads do, ``add_symbol`` says
where kernels find it, and ``detach`` keeps it to the end of the process; ``get_num_threads``,
``numba.config.NUMBA_NUM_THREADS`` and ``numba.np.ufunc.parallel._is_initialized`` say how many
threads there are to be. Without them no kernel for several threads can be compiled.

In ``workers``: ``numba.config.NUMBA_NUM_THREADS``, the number of cores, or what the user has set.

In ``dispatch``: ``Dispatcher.overloads`` and ``CompileResult.entry_point``, the compiled form for
given types, which a replayed step calls by itself. Without them a replay raises an AttributeError.
"""
